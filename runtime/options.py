"""The options of one run, checked: each mistake is one clear sentence."""

from __future__ import annotations

import math
import os
from numbers import Integral, Real
from typing import Any, Optional, Tuple

from pcsr_edge.errors import UsageError
from pcsr_edge.runtime.geometry import Axis
from pcsr_edge.runtime.manifest import Manifest, trained_scale

MAX_OUTPUT = 2**31
"""Most SR pixels of one frame."""
MAX_THREADS = 256


def _is_number(value: Any) -> bool:
    if not isinstance(value, Real) or isinstance(value, bool):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number beyond all floats
        return False


def _is_whole(value: Any) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def frame_axes(
    manifest: Manifest, lr: Tuple[int, int], scale: Optional[float], size: Optional[Tuple[int, int]]
) -> Tuple[Axis, Axis]:
    """Return the vertical and horizontal axis of a frame.

    Args:
        manifest: tells the scale where neither `scale` nor `size` does.
        lr: (h, w) of the input.
        scale: magnification.
        size: exact (H, W) of the result.

    Raises:
        UsageError: both or neither are known, or they make no sense.
    """
    if scale is not None and size is not None:
        raise UsageError("scale and size were both given; give one of them")
    if size is None:
        factor = scale if scale is not None else trained_scale(manifest)
        if factor is None:
            raise UsageError(f"model {manifest.name} has no scale of its own; give scale or size")
        size = scaled_size(lr, factor)
    if not isinstance(size, (tuple, list)) or len(size) != 2 or not all(map(_is_whole, size)):
        raise UsageError(f"size {size!r} is not valid; expected two whole numbers (H, W)")
    rows, cols = int(size[0]), int(size[1])
    _check_pixels(rows, cols)
    return Axis(lr[0], rows), Axis(lr[1], cols)


def scaled_size(size: Tuple[int, int], scale: float) -> Tuple[int, int]:
    """Return the size of a result: (round(h * scale), round(w * scale)), halves to even.

    Args:
        size: (h, w) of the input.
        scale: magnification.

    Raises:
        UsageError: the scale is not a positive finite number, or the result has no pixel or
            more than `MAX_OUTPUT`.
    """
    if not _is_number(scale) or scale <= 0:
        raise UsageError(f"scale {scale!r} is not valid; expected a positive number, e.g. 4")
    exact = size[0] * float(scale), size[1] * float(scale)
    if max(exact) > MAX_OUTPUT:
        raise UsageError(f"scale {scale!r} is too large; expected a number such as 4")
    rows, cols = round(exact[0]), round(exact[1])
    _check_pixels(rows, cols)
    return rows, cols


def _check_pixels(rows: int, cols: int) -> None:
    if rows < 1 or cols < 1 or rows * cols > MAX_OUTPUT:
        raise UsageError(
            f"the result would have {cols}x{rows} pixels; expected at least 1x1 and at most "
            f"{MAX_OUTPUT} pixels: change scale or size"
        )


def cost_exponent(manifest: Manifest, k: Optional[float], adaptive: bool) -> float:
    """Return k, the manifest's where none is given.

    Raises:
        UsageError: it is not a finite number, or given beside `adaptive`.
    """
    if k is None:
        return manifest.default_k
    if adaptive:
        raise UsageError("k and adaptive were both given; give one of them")
    if not _is_number(k):
        raise UsageError(f"k = {k!r} is not valid; expected a finite number, usually 0 to 2")
    return float(k)


def check_choice(
    k: Optional[float],
    adaptive: bool,
    force_class: Optional[int],
    eta: Optional[float] = None,
) -> None:
    """Refuse a forced class beside another choice of classes, which it would silently replace.

    Raises:
        UsageError: `force_class` is given, and k, `adaptive` or eta too.
    """
    if force_class is None:
        return
    others = {"k": k is not None, "adaptive": adaptive, "eta": eta is not None}
    for other, given in others.items():
        if given:
            raise UsageError(f"{other} and force_class were both given; give one of them")


def check_patches(manifest: Manifest, eta: Optional[float], halo: bool) -> None:
    """Refuse what only patches give sense to, for a model of another method.

    Raises:
        UsageError: eta or halo was asked for.
    """
    for name, given in (("eta", eta is not None), ("halo", halo)):
        if given and not manifest.by_patch:
            raise UsageError(
                f"model {manifest.name} is of method {manifest.method}, which chooses no subnet "
                f"for a patch: {name} makes no sense there; leave it out, or take a model of "
                "method arm or wbsr"
            )


def patch_eta(
    manifest: Manifest, eta: Optional[float], k: Optional[float], adaptive: bool
) -> float:
    """Return eta, the manifest's where none is given.

    Raises:
        UsageError: it is not a finite number from 0, or k or `adaptive` is given, which mean
            nothing to a model that chooses by patch.
    """
    for name, given in (("k", k is not None), ("adaptive", adaptive)):
        if given:
            raise UsageError(
                f"model {manifest.name} is of method {manifest.method}, whose patches get subnets "
                f"by eta: {name} makes no sense there; give eta"
            )
    if eta is None:
        return manifest.default_eta
    if not _is_number(eta) or eta < 0:
        raise UsageError(f"eta = {eta!r} is not valid; expected a finite number from 0")
    return float(eta)


def forced_class(manifest: Manifest, value: Optional[int]) -> Optional[int]:
    """Return the class that every query gets, None where each gets its own.

    Raises:
        UsageError: there is no such class.
    """
    last = len(manifest.classes) - 1
    if value is None or (_is_whole(value) and 0 <= value <= last):
        return value
    raise UsageError(
        f"class {value!r} does not exist; model {manifest.name} has classes 0 (heaviest) to {last}"
    )


def check_precision(precision: str, backend: str) -> None:
    """Refuse float16 where it can only be slower.

    Raises:
        UsageError: the backend runs on the CPU, and the precision is `fp16`.
    """
    if precision == "fp16" and backend == "onnxruntime-cpu":
        raise UsageError(
            "precision fp16 is for GPUs: on the CPU, ONNX Runtime computes such graphs in float32 "
            "and only converts more; take fp32, or int8 where the bundle has it"
        )


def frame_budget(fps: Optional[float], budget_ms: Optional[float]) -> Optional[float]:
    """Return the milliseconds that a frame may take, None where neither is given.

    Raises:
        UsageError: both are given, or one that is no number above 0.
    """
    if fps is not None and budget_ms is not None:
        raise UsageError("fps and budget_ms were both given; give one of them")
    for name, value in (("fps", fps), ("budget_ms", budget_ms)):
        if value is not None and not (_is_number(value) and value > 0):
            raise UsageError(f"{name} = {value!r} is not valid; expected a number above 0")
    return budget_ms if fps is None else 1000 / fps


def thread_count(threads: Optional[int]) -> int:
    """Return the number of threads, by default all that this process may use.

    Raises:
        UsageError: it is not a whole number from 1 to `MAX_THREADS`.
    """
    if threads is None:
        try:
            return len(os.sched_getaffinity(0))
        except AttributeError:  # not on this platform
            return os.cpu_count() or 1
    if not _is_whole(threads) or not 1 <= threads <= MAX_THREADS:
        raise UsageError(
            f"threads = {threads!r} is not valid; expected a whole number from 1 to {MAX_THREADS}"
        )
    return int(threads)


def memory_bytes(limit: Optional[float], default: int) -> float:
    """Return the bytes that one tile may take.

    Raises:
        UsageError: it is not a number from 1.
    """
    if limit is None:
        return default
    if not _is_number(limit) or limit < 1:
        raise UsageError(f"memory limit {limit!r} is not valid; expected a number of bytes")
    return limit
