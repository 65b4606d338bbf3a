"""What the upscaler asks of a method: a frame, worked off tile by tile."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, Callable, List, Optional, Tuple

import numpy.typing as npt

from pcsr_edge.errors import UsageError
from pcsr_edge.runtime.assignment import ClassMap
from pcsr_edge.runtime.buffers import FRESH, Allocator
from pcsr_edge.runtime.geometry import Axis, Span
from pcsr_edge.runtime.manifest import Manifest
from pcsr_edge.runtime.stopwatch import Stopwatch
from pcsr_edge.runtime.tiling import Tile
from pcsr_edge.runtime.yuv import Yuv, YuvFormat

Progress = Callable[[int, int], None]
"""Receives the tiles done and the tiles in all."""


@dataclass(frozen=True)
class FrameRequest:
    """One image and how it is to be upscaled; axes and side are checked, the rest is as asked."""

    image: npt.NDArray[Any]
    """RGB (h, w, 3)."""
    axes: Tuple[Axis, Axis]
    """Vertical and horizontal axis."""
    side: int
    """LR pixels along a tile's core."""
    k: Optional[float] = None
    """Cost exponent; None where none was asked for."""
    adaptive: bool = False
    """Assign by ADM in place of k."""
    force_class: Optional[int] = None
    """One class for every query."""
    refine: bool = True
    """Smooth light pixels that touch heavy ones."""
    progress: Optional[Progress] = None
    """Called after each tile."""
    work: Optional[float] = None
    """Mean work of a query in place of k, 0 (all light) to 1 (all heavy)."""
    prices: Optional[Tuple[float, ...]] = None
    """With `work`: what each class costs, in any unit; None counts FLOPs, or goes by the table of
    a model that chooses by patch."""
    memory: Allocator = FRESH
    """Makes what is as large as the result."""
    eta: Optional[float] = None
    """What a dB is worth, for methods that choose by patch; None where none was asked for."""
    halo: bool = False
    """Whether patches see what lies around them, in place of being averaged where they overlap."""
    core: Optional[Tuple[Span, Span]] = None
    """Rows and columns of the image over which the result is used; a method may save the rest."""


class FrameJob(ABC):
    """One image on its way through a network."""

    tiles: List[Tile]
    """In the order in which they are worked off."""
    out: npt.NDArray[Any]
    """RGB (H, W, 3) in the image's dtype."""
    class_map: ClassMap
    """uint8 (H, W)."""
    watch: Stopwatch
    """Times of the stages so far."""

    @abstractmethod
    def run(self) -> None:
        """Fill `out` and `class_map`."""


class Method(ABC):
    """The engines of a bundle, and how frames go through them."""

    @abstractmethod
    def frame(self, request: FrameRequest) -> FrameJob:
        """Prepare a frame.

        Raises:
            UsageError: the model cannot do what was asked for.
        """

    def planes(self, frame: Yuv, form: YuvFormat, memory: Allocator) -> Yuv:
        """Upscale checked planes of video without a detour over RGB; `memory` makes the result.

        Raises:
            UsageError: the network takes RGB.
        """
        raise UsageError(
            "planes of video need a model of method edge-sr, whose networks take luma; this one "
            "takes RGB: convert the planes first"
        )

    @abstractmethod
    def tile_bytes(self, axes: Tuple[Axis, Axis], side: int) -> int:
        """Return the most bytes that a tile with a core of `side` x `side` LR pixels takes."""

    @abstractmethod
    def close(self) -> None:
        """Release every engine."""


def refuse_choices(manifest: Manifest, request: FrameRequest) -> None:
    """Refuse what only classes give sense to; for methods that have none.

    Raises:
        UsageError: k, adaptive, a forced class, work or prices were asked for.
    """
    asked = {
        "k": request.k is not None,
        "adaptive": request.adaptive,
        "a forced class": request.force_class is not None,
        "work": request.work is not None,
        "prices": request.prices is not None,
    }
    for name, given in asked.items():
        if given:
            raise UsageError(
                f"model {manifest.name} is of method {manifest.method}, which gives every pixel "
                f"the same work: {name} makes no sense there; leave it out, or take a model of "
                "method pcsr"
            )


def check_trained_scale(manifest: Manifest, axes: Tuple[Axis, Axis]) -> None:
    """Refuse another scale than the one a network was trained for; for methods that have one.

    Raises:
        UsageError: the result's size is not the scale times the image's.
    """
    scale = manifest.scale
    assert isinstance(scale, int)
    rows, cols = axes
    if (rows.n_hr, cols.n_hr) != (rows.n_lr * scale, cols.n_lr * scale):
        raise UsageError(
            f"model {manifest.name} is of method {manifest.method} and was trained for scale "
            f"{scale}: it makes {cols.n_lr * scale}x{rows.n_lr * scale} of "
            f"{cols.n_lr}x{rows.n_lr}, not {cols.n_hr}x{rows.n_hr}; take scale {scale}, or a "
            "model of method pcsr"
        )


def _are_prices(prices: Tuple[float, ...], classes: int) -> bool:
    falling = all(one >= other for one, other in zip(prices, prices[1:]))
    return len(prices) == classes and falling and math.inf > prices[0] > prices[-1] >= 0


def work_share(manifest: Manifest, request: FrameRequest) -> Optional[float]:
    """Return the mean work of a query that is asked for, None where none is.

    Raises:
        UsageError: it is no share, another choice of classes is asked for as well, or the prices
            of the classes do not fit.
    """
    prices = request.prices
    if request.work is None:
        if prices is not None:
            raise UsageError("prices of classes make no sense without work; leave them out")
        return None
    if prices is not None and not _are_prices(prices, len(manifest.classes)):
        raise UsageError(
            f"prices {prices} are none of the {len(manifest.classes)} classes of {manifest.name}; "
            "expected one of each, the heaviest first, none above the one before or below 0, and "
            "the last below the first"
        )
    if not 0 <= request.work <= 1:
        raise UsageError(
            f"work {request.work} is no share; expected 0 (all light) to 1 (all heavy)"
        )
    chosen = (request.k, request.force_class, request.eta)
    if request.adaptive or any(value is not None for value in chosen):
        raise UsageError("work decides the classes; leave k, eta, adaptive and force_class out")
    return float(request.work)
