"""Who takes part in the benchmark of GPUs."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import product
from pathlib import Path
from typing import Any, Callable, List, Optional, Sequence

from benchmarks.contenders import Picture
from pcsr_edge.errors import InputError
from pcsr_edge.runtime.assignment import class_costs
from pcsr_edge.runtime.bundle import Bundle, load_bundle, shipped_bundles
from pcsr_edge.runtime.device_engine import DeviceEngine
from pcsr_edge.runtime.device_frames.plain import PlainDeviceFrame
from pcsr_edge.runtime.device_frames.workspace import Workspace
from pcsr_edge.runtime.engine import Backend
from pcsr_edge.runtime.geometry import Axis
from pcsr_edge.runtime.manifest import Manifest
from pcsr_edge.runtime.method import FrameRequest
from pcsr_edge.runtime.pixels import from_unit
from pcsr_edge.runtime.upscaler import Upscaler

METHODS = ("pcsr", "plain", "cascade")
PRECISIONS = ("fp32", "fp16")
"""Of ours and of the baselines: each is held against its like."""


@dataclass(frozen=True)
class Entrant:
    """One way to upscale the picture, to be made first: that may fail like a run."""

    name: str
    make: Callable[[], Callable[[], Any]]
    """Returns the `run` of a `Contender`."""


def models(scale: int) -> List[Bundle]:
    """Return the shipped models of a scale that take RGB."""
    bundles = map(load_bundle, shipped_bundles())
    return [b for b in bundles if b.manifest.method in METHODS and b.manifest.scale == scale]


def ours(
    bundle: Bundle, lr: Picture, backends: Sequence[Backend], stack: ExitStack
) -> List[Entrant]:
    """One model on every backend in every precision, at k = 0; closed with `stack`."""

    def make(backend: Backend, precision: str) -> Callable[[], Any]:
        up = stack.enter_context(Upscaler(bundle, backend, precision=precision))
        return partial(up.run, lr, k=_k(bundle))

    return [
        Entrant(
            f"{bundle.name} k=0 on {backend.name} {precision}", partial(make, backend, precision)
        )
        for backend, precision in product(backends, PRECISIONS)
    ]


def _k(bundle: Bundle) -> Optional[float]:
    return 0.0 if bundle.manifest.has_classes else None


def naive(bundle: Bundle, checkpoint: Path, lr: Picture, device: str) -> Entrant:
    """The same PCSR network as plain PyTorch code on a device of PyTorch's, k = 0."""

    def make() -> Callable[[], Any]:
        from benchmarks.naive import upscale
        from pcsr_edge.models import PCSR, load_checkpoint

        model = load_checkpoint(checkpoint).model
        assert isinstance(model, PCSR)
        model.to(device)
        scale = bundle.manifest.scale
        assert isinstance(scale, int)
        costs = class_costs(bundle.manifest, scale * scale)
        return lambda: upscale(model, lr, scale, costs, 0.0)[0]

    return Entrant(f"{bundle.name} k=0 naive PyTorch on {device}", make)


def baseline(weights: Path, lr: Picture, scale: int, backends: Sequence[Backend]) -> List[Entrant]:
    """The plain network that PCSR is built upon, whole, in engines and precisions of ours."""

    @lru_cache(maxsize=None)
    def graph(precision: str) -> bytes:
        from benchmarks.baselines import exported, load_baseline

        if not weights.is_file():
            raise InputError(
                f"the baseline takes no part: {weights.name} is not in the folder of --weights"
            )
        return exported(load_baseline(weights), precision)

    def make(backend: Backend, precision: str) -> Callable[[], Any]:
        return _runner(graph(precision), lr, scale, backend)

    return [
        Entrant(f"{weights.stem} on {backend.name} {precision}", partial(make, backend, precision))
        for backend, precision in product(backends, PRECISIONS)
    ]


class _WholeFrame(PlainDeviceFrame):
    """A network that gives pixels in their order, as `sr` (1, 3, H, W)."""

    def _queue(self, index: int) -> None:
        tile = self.tiles[index]
        planes = self._planes(self._pixels(tile.window_rows, tile.window_cols))
        sr = self._workspace.run("network", {"image": planes})["sr"][0]
        rounded = self._xp.empty(sr.shape, self.out.dtype)
        from_unit(sr, rounded)
        self._deliver(rounded.transpose(1, 2, 0), tile.rows, tile.cols)


def _runner(graph: bytes, lr: Picture, scale: int, backend: Backend) -> Callable[[], Any]:
    manifest = Manifest(
        name="baseline",
        method="plain",
        scale=scale,
        channels="rgb",
        backbone_flops_per_cell=0,
        receptive_field=1,
        activation_floats_per_cell=1,
        precisions={"fp32": {}},
    )
    engine = backend.load(graph, 1)
    assert isinstance(engine, DeviceEngine)
    workspace = Workspace(engine.device, {"network": engine})
    axes = Axis(lr.shape[0], lr.shape[0] * scale), Axis(lr.shape[1], lr.shape[1] * scale)

    def run() -> Any:
        # One tile: neither the receptive field nor the memory of tiles matters.
        frame = _WholeFrame(manifest, workspace, FrameRequest(lr, axes, max(lr.shape)))
        frame.run()
        return frame.out

    return run
