"""Who takes part in the benchmark."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional

import numpy as np
from PIL import Image

from pcsr_edge.runtime.assignment import class_costs
from pcsr_edge.runtime.bundle import load_bundle, shipped_bundles
from pcsr_edge.runtime.upscaler import Result, Upscaler

Picture = Any


@dataclass(frozen=True)
class Contender:
    """One way to upscale the picture."""

    name: str
    run: Callable[[], Any]
    """Returns a `Result`, or the SR picture, uint8 (H, W, 3)."""


def picture_of(value: Any) -> Picture:
    """Return the SR picture of what a contender gave back."""
    return value.image if isinstance(value, Result) else value


def bicubic(lr: Picture, scale: int) -> Optional[Contender]:
    """OpenCV's bicubic resize; None where OpenCV is not installed."""
    try:
        import cv2
    except ImportError:
        return None
    size = lr.shape[1] * scale, lr.shape[0] * scale
    resize = partial(cv2.resize, lr, size, interpolation=cv2.INTER_CUBIC)
    return Contender("bicubic (cv2.resize)", resize)


def pillow_bicubic(lr: Picture, scale: int) -> Contender:
    """Pillow's bicubic resize."""
    image = Image.fromarray(lr)
    size = lr.shape[1] * scale, lr.shape[0] * scale
    return Contender(
        "bicubic (Pillow)", lambda: np.asarray(image.resize(size, Image.Resampling.BICUBIC))
    )


def ours(up: Upscaler, lr: Picture) -> List[Contender]:
    """Our runtime at several k, by ADM, and with one class forced."""
    settings: Dict[str, Dict[str, Any]] = {f"k={k:g}": {"k": k} for k in (0.0, 0.5, 1.0)}
    settings["adm"] = {"adaptive": True}
    settings["all heavy"] = {"force_class": 0}
    settings["all light"] = {"force_class": len(up.bundle.manifest.classes) - 1}
    return [
        Contender(f"{up.bundle.name} {label}", partial(up.run, lr, **options))
        for label, options in settings.items()
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


def naive_torch(up: Upscaler, checkpoint: Path, lr: Picture, threads: int) -> Contender:
    """The same network as plain PyTorch code, k = 0."""
    import torch

    from benchmarks.naive import upscale
    from pcsr_edge.models import PCSR, load_checkpoint

    torch.set_num_threads(threads)
    model = load_checkpoint(checkpoint).model
    assert isinstance(model, PCSR)
    scale = int(up.bundle.manifest.scale)
    costs = class_costs(up.bundle.manifest, scale * scale)
    return Contender(
        f"{up.bundle.name} naive PyTorch k=0", lambda: upscale(model, lr, scale, costs, 0.0)[0]
    )
