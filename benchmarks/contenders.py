"""Who takes part in the benchmark."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional

import numpy as np

from benchmarks.family import Family
from pcsr_edge.runtime.assignment import class_costs
from pcsr_edge.runtime.bundle import load_bundle, shipped_bundles
from pcsr_edge.runtime.result import Result
from pcsr_edge.runtime.upscaler import Upscaler

Picture = Any
SETTINGS: Dict[str, Dict[str, Any]] = {
    "k=0": {"k": 0.0},
    "k=0.5": {"k": 0.5},
    "k=1": {"k": 1.0},
    "k=2": {"k": 2.0},
    "adm": {"adaptive": True},
    "all heavy": {"force_class": 0},
    "all light": {"force_class": 1},
}
"""Label → how ours is run."""


@dataclass(frozen=True)
class Contender:
    """One way to upscale the picture."""

    name: str
    run: Callable[[], Any]
    """Returns a `Result`, or the SR picture, uint8 (H, W, 3)."""


def picture_of(value: Any) -> Picture:
    """Return the SR picture of what a contender gave back."""
    return value.image if isinstance(value, Result) else value


def bicubic(lr: Picture, scale: int) -> List[Contender]:
    """OpenCV's bicubic resize, where OpenCV is installed."""
    try:
        import cv2
    except ImportError:
        return []
    size = lr.shape[1] * scale, lr.shape[0] * scale
    resize = partial(cv2.resize, lr, size, interpolation=cv2.INTER_CUBIC)
    return [Contender("bicubic (cv2.resize)", resize)]


def dnn_superres(lr: Picture, scale: int, model: Optional[Path]) -> List[Contender]:
    """OpenCV's `dnn_superres` with its FSRCNN, where built in and a model file is given."""
    try:
        import cv2
    except ImportError:
        return []
    # Part of OpenCV's contributed modules, which most builds leave out.
    superres: Any = getattr(cv2, "dnn_superres", None)
    if model is None or superres is None:
        return []
    network = superres.DnnSuperResImpl_create()
    network.readModel(str(model))
    network.setModel("fsrcnn", scale)
    return [Contender("OpenCV dnn_superres FSRCNN", partial(network.upsample, lr))]


def ours(up: Upscaler, lr: Picture) -> List[Contender]:
    """Our runtime at several k, by ADM, and with one class forced."""
    return [
        Contender(f"{up.bundle.name} {label}", partial(up.run, lr, **options))
        for label, options in SETTINGS.items()
    ]


def plain_networks(scale: int, lr: Picture, threads: int, stack: ExitStack) -> List[Contender]:
    """Every shipped plain network of a scale, in our runtime; closed with `stack`."""
    found = []
    for name in shipped_bundles():
        manifest = load_bundle(name).manifest
        if manifest.method == "plain" and manifest.scale == scale:
            up = stack.enter_context(Upscaler.load(name, threads=threads))
            found.append(Contender(name, partial(up.run, lr)))
    return found


def baseline(family: Family, lr: Picture, threads: int) -> List[Contender]:
    """The plain network that the family is built upon, where its weights are there."""
    if family.baseline is None:
        return []
    from benchmarks.baselines import exported, load_baseline, runner

    graph = exported(load_baseline(family.baseline))
    return [Contender(f"{family.baseline.stem} (ONNX Runtime)", runner(graph, lr, threads))]


def naive_torch(family: Family, up: Upscaler, lr: Picture, threads: int) -> List[Contender]:
    """The same network as plain PyTorch code, k = 0."""
    import torch

    from benchmarks.naive import upscale
    from pcsr_edge.models import PCSR, load_checkpoint

    torch.set_num_threads(threads)
    model = load_checkpoint(family.checkpoint).model
    assert isinstance(model, PCSR)
    scale = int(up.bundle.manifest.scale)
    costs = class_costs(up.bundle.manifest, scale * scale)
    name = f"{up.bundle.name} naive PyTorch k=0"
    return [Contender(name, lambda: np.asarray(upscale(model, lr, scale, costs, 0.0)[0]))]
