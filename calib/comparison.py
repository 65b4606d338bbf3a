"""Two backends, or two precisions, of one bundle: how far apart they are, stage by stage."""

from __future__ import annotations

import math
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional, Sequence, Tuple

from pcsr_edge.calib.frames import PictureResult, compare_frames, frame_channel, no_frame
from pcsr_edge.calib.pictures import judging_scale
from pcsr_edge.calib.stages import StageMirror, StageResult
from pcsr_edge.calib.tap import TappedBackend
from pcsr_edge.calib.tolerance import Tolerance, tolerance_for
from pcsr_edge.errors import AccuracyError, BackendUnavailableError, EngineError
from pcsr_edge.export.pictures import Pair
from pcsr_edge.runtime.bundle import Bundle
from pcsr_edge.runtime.engine import Array, Arrays, Backend, Engine
from pcsr_edge.runtime.manifest import Manifest
from pcsr_edge.runtime.result import Result
from pcsr_edge.runtime.upscaler import Upscaler

Progress = Callable[[int, int], None]
"""Receives the pictures done and the pictures in all."""


@dataclass(frozen=True)
class Side:
    """What runs a bundle."""

    backend: Backend
    precision: str = "fp32"

    def __str__(self) -> str:
        return f"{self.backend.name} {self.precision}"


@dataclass(frozen=True)
class Comparison:
    """What a comparison found."""

    side: str
    """Backend and precision that were judged."""
    against: str
    """Those of the reference."""
    tolerance: Tolerance
    stages: Tuple[StageResult, ...]
    """One per output of each graph that ran, and one per graph that failed."""
    pictures: Tuple[PictureResult, ...]
    failures: Tuple[str, ...] = field(default=())
    """What goes beyond the tolerance, one sentence each."""

    @property
    def psnr_change(self) -> float:
        """The greatest |change of PSNR| of a picture, in dB; NaN where a frame failed."""
        changes = [abs(picture.psnr_change) for picture in self.pictures]
        return math.nan if any(map(math.isnan, changes)) else max(changes)

    @property
    def worst_pixel(self) -> int:
        """The greatest difference of two frames, in 8-bit steps."""
        return max(picture.worst_pixel for picture in self.pictures)

    def check(self) -> None:
        """Refuse what goes beyond the tolerance.

        Raises:
            AccuracyError: something does.
        """
        if self.failures:
            more = f" (and {len(self.failures) - 1} more)" if len(self.failures) > 1 else ""
            raise AccuracyError(f"{self.side} against {self.against}: {self.failures[0]}{more}")

    def to_dict(self) -> Dict[str, Any]:
        """Return plain data for JSON."""
        return {
            **asdict(self),
            "psnr_change_db": self.psnr_change,
            "worst_pixel": self.worst_pixel,
        }


def compare(
    bundle: Bundle,
    side: Side,
    against: Side,
    pairs: Sequence[Pair],
    *,
    tolerance: Optional[Tolerance] = None,
    threads: Optional[int] = None,
    progress: Progress = lambda done, total: None,
) -> Comparison:
    """Run `bundle` on both sides and compare every graph's outputs, the classes and the frames.

    Each graph is judged alone, on the inputs that it gets on the side of the reference; frames
    and classes are those of whole runs.

    Args:
        bundle: of any method.
        side: what is judged.
        against: the reference.
        pairs: pictures, at least one; see `judging_pairs`.
        tolerance: by default that of the coarser precision.
        threads: of each upscaler; by default all.
        progress: told of each picture.

    Raises:
        BundleError: the bundle is damaged or lacks a precision.
        BackendUnavailableError: the judged side cannot run anything.
        EngineError: the reference fails. That the judged side cannot load or run a graph, gives
            NaN or fails on a picture is among the failures instead.
    """
    allowed = tolerance or tolerance_for(side.precision, against.precision)
    scale, channel = judging_scale(bundle.manifest), frame_channel(bundle.manifest)
    pictures: List[PictureResult] = []
    with ExitStack() as stack:
        engines = {
            name: stack.enter_context(_loaded(side, bundle.graph(name, side.precision)))
            for name in _graphs_of(bundle.manifest, side)
        }
        mirror = StageMirror(engines, side.precision)
        tapped = TappedBackend(against.backend, bundle, against.precision, mirror)
        reference = stack.enter_context(
            Upscaler(bundle, tapped, precision=against.precision, threads=threads)
        )

        @lru_cache(maxsize=None)
        def judged() -> Upscaler:
            # Not before every graph was tried: one that cannot be loaded would end it all.
            return stack.enter_context(
                Upscaler(bundle, side.backend, precision=side.precision, threads=threads)
            )

        for index, pair in enumerate(pairs):
            expected = _frame(reference, pair)
            tapped.listening = True
            for options in settings_for_every_graph(bundle.manifest, pair):
                reference.run(pair.lr, **options)
            tapped.listening = False
            try:
                _check_graphs(mirror)
                found = compare_frames(pair, _frame(judged(), pair), expected, scale, channel)
            except EngineError as exc:
                found = no_frame(pair, expected, scale, channel, str(exc))
            pictures.append(found)
            progress(index + 1, len(pairs))
        stages = mirror.results()
    shares = [_decided_at_once(bundle.manifest, pair) for pair in pairs]
    failures = (*_stage_failures(stages, allowed), *_picture_failures(pictures, shares, allowed))
    return Comparison(str(side), str(against), allowed, stages, tuple(pictures), failures)


def _graphs_of(manifest: Manifest, side: Side) -> Iterable[str]:
    """Return the graphs that a side may run: on a device the general ones alone."""
    on_device = side.backend.device is not None
    return manifest.graph_names() if on_device else manifest.precisions[side.precision]


def _loaded(side: Side, graph: bytes) -> Engine:
    """Load a graph; where that fails, return an engine that fails so whenever it is run."""
    try:
        return side.backend.load(graph, 1)
    except BackendUnavailableError:
        raise
    except EngineError as exc:
        return _Unloaded(exc)


class _Unloaded(Engine):
    def __init__(self, error: EngineError) -> None:
        self._error = error

    def run(self, inputs: Arrays) -> Dict[str, Array]:
        raise self._error


def _check_graphs(mirror: StageMirror) -> None:
    """Refuse frames once a graph has failed: they would have it built again, in vain."""
    if mirror.problems:
        raise EngineError(f"not run, since the graph {', '.join(mirror.problems)} failed")


def _frame(upscaler: Upscaler, pair: Pair) -> Result:
    return upscaler.run(pair.lr, size=(pair.hr.shape[0], pair.hr.shape[1]))


def settings_for_every_graph(manifest: Manifest, pair: Pair) -> Iterator[Dict[str, Any]]:
    """Go through arguments of `Upscaler.run` that together use every graph."""
    size = pair.hr.shape[0], pair.hr.shape[1]
    yield {"size": size}
    if manifest.has_classes:
        for j in range(len(manifest.classes)):
            yield {"size": size, "force_class": j}
    if manifest.has_dense_graphs:
        # At another size than the trained scale makes, the general graphs run.
        another = size[0] - 1, size[1] - 1
        yield {"size": another}
        for j in range(len(manifest.classes)):
            yield {"size": another, "force_class": j}


def _stage_failures(stages: Sequence[StageResult], allowed: Tolerance) -> Iterator[str]:
    for stage in stages:
        where = f"graph {stage.graph} ({stage.output})"
        if stage.problem is not None:
            yield f"graph {stage.graph} does not run: {stage.problem}"
        elif not stage.finite:
            yield f"{where} gives NaN or infinity"
        elif stage.difference > allowed.stage:
            yield (
                f"{where} differs by {stage.difference:.2g} of its range, allowed is "
                f"{allowed.stage:g}"
            )


def _decided_at_once(manifest: Manifest, pair: Pair) -> float:
    """Return the share of a picture's pixels that get their class by one decision."""
    # Those of supernets are made by the host, of the picture alone.
    share: float = manifest.block**2 / (pair.lr.shape[0] * pair.lr.shape[1])
    return min(1.0, share)


def _picture_failures(
    pictures: Sequence[PictureResult], shares: Sequence[float], allowed: Tolerance
) -> Iterator[str]:
    for found, share in zip(pictures, shares):
        where = f"picture {found.picture}"
        if found.problem is not None:
            yield f"{where}: {found.problem}"
            continue
        if not abs(found.psnr_change) <= allowed.psnr_db:
            yield (
                f"{where}: PSNR changes by {found.psnr_change:+.3f} dB, allowed is "
                f"{allowed.psnr_db:g} dB"
            )
        if allowed.pixel is not None and found.worst_of_same_class > allowed.pixel:
            yield (
                f"{where}: a pixel differs by {found.worst_of_same_class} of 255 though its class "
                f"is the same, allowed is {allowed.pixel}"
            )
        if found.class_agreement < min(allowed.classes, 1 - share):
            yield (
                f"{where}: {100 * found.class_agreement:.2f} % of the pixels get the same class, "
                f"allowed is {100 * allowed.classes:g} %"
            )
