"""Plain networks: what may be asked of a frame, and the one engine that all frames share."""

from __future__ import annotations

from concurrent.futures import Executor

from pcsr_edge.errors import UsageError
from pcsr_edge.runtime.engine import Engine
from pcsr_edge.runtime.manifest import Manifest
from pcsr_edge.runtime.method import FrameJob, FrameRequest, Method
from pcsr_edge.runtime.own_scale import check_own_scale
from pcsr_edge.runtime.plain_frame import PlainFrame


class PlainMethod(Method):
    """Runs frames by `PlainFrame`.

    Args:
        manifest: of the bundle; its scale is a whole number.
        engine: `image` (1, 3, h, w) → `phases` (1, 3·scale², h, w), one thread a call.
        threads: strips of a tile that are worked on at once.
        pool: works on the strips; as many threads.
    """

    def __init__(self, manifest: Manifest, engine: Engine, threads: int, pool: Executor) -> None:
        self._manifest, self._engine = manifest, engine
        self._threads, self._pool = threads, pool

    def frame(self, request: FrameRequest) -> FrameJob:
        """Prepare a frame.

        Raises:
            UsageError: another scale than the trained one, or a choice among classes.
        """
        self._check_choices(request)
        check_own_scale(self._manifest, request.axes)
        return PlainFrame(self._manifest, self._engine, self._threads, self._pool, request)

    def close(self) -> None:
        """Release the engine."""
        self._engine.close()

    def _check_choices(self, request: FrameRequest) -> None:
        asked = {
            "k": request.k is not None,
            "adaptive": request.adaptive,
            "a forced class": request.force_class is not None,
        }
        for name, given in asked.items():
            if given:
                raise UsageError(
                    f"model {self._manifest.name} is of method plain, which gives every pixel the "
                    f"same work: {name} makes no sense there; leave it out, or take a model of "
                    "method pcsr"
                )
