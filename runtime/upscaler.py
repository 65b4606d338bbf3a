"""The public interface: load a bundle, upscale images."""

from __future__ import annotations

import math
import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Dict, Optional, Tuple, Type, Union

import numpy as np
import numpy.typing as npt

from pcsr_edge.errors import UsageError
from pcsr_edge.runtime.assignment import ClassMap
from pcsr_edge.runtime.backends import backend_for
from pcsr_edge.runtime.bundle import Bundle, load_bundle
from pcsr_edge.runtime.engine import Backend
from pcsr_edge.runtime.geometry import Axis
from pcsr_edge.runtime.manifest import trained_scale
from pcsr_edge.runtime.method import FrameRequest, Progress
from pcsr_edge.runtime.methods import load_method
from pcsr_edge.runtime.pixels import check_image
from pcsr_edge.runtime.tiling import TileOption, tile_side

DEFAULT_MODEL = "pcsr-fsrcnn-x4"
DEFAULT_MEMORY = 768 * 2**20
"""Bytes that one tile may take where no limit is given."""
MAX_OUTPUT = 2**31
"""Most SR pixels of one frame."""


@dataclass(frozen=True)
class Result:
    """An upscaled image and how it came about."""

    image: npt.NDArray[Any]
    """RGB (H, W, 3) in the input's dtype and range."""
    class_map: ClassMap
    """uint8 (H, W): the class of every query pixel, 0 = heaviest."""
    fractions: Tuple[float, ...]
    """Share of the query pixels in each class; they add up to 1."""
    times: Dict[str, float]
    """Milliseconds per stage, added up over threads, and `total`, the wall time."""
    tile: int
    """LR pixels along a tile's side; 0 where the image was not cut."""
    tiles: int
    """Number of tiles."""


class Upscaler:
    """A loaded model.

    >>> up = Upscaler.load("pcsr-fsrcnn-x4")
    >>> sr = up(rgb)                       # uint8 (h, w, 3) -> uint8 (4h, 4w, 3)
    >>> result = up.run(rgb, k=0.5)        # more light pixels: cheaper
    """

    def __init__(
        self,
        bundle: Bundle,
        backend: Backend,
        *,
        threads: Optional[int] = None,
        precision: str = "fp32",
    ) -> None:
        self.bundle = bundle
        self.backend_name = backend.name
        self.threads = _thread_count(threads)
        self._pool = ThreadPoolExecutor(self.threads, thread_name_prefix="pcsr-edge")
        self._method = load_method(bundle, backend, precision, self.threads, self._pool)

    @classmethod
    def load(
        cls,
        model: Union[str, Path] = DEFAULT_MODEL,
        *,
        device: str = "auto",
        threads: Optional[int] = None,
        precision: str = "fp32",
    ) -> Upscaler:
        """Load a shipped model by name, or any bundle by the path of its folder.

        Args:
            model: name or folder.
            device: `auto`, `cpu`, `cuda[:N]` or `trt[:N]`; one asked for by name and not there
                is an error, never replaced.
            threads: CPU threads; by default all that this process may use.
            precision: `fp32` or `fp16`, as far as the bundle holds it.

        Raises:
            UnknownModelError: no such model.
            BundleError: the bundle is damaged or lacks the precision.
            BackendUnavailableError: the device is not there.
            UsageError: a value makes no sense.
        """
        return cls(load_bundle(model), backend_for(device), threads=threads, precision=precision)

    def __call__(self, image: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Upscale with the bundle's defaults; see `run`."""
        return self.run(image).image

    def run(
        self,
        image: npt.NDArray[Any],
        *,
        k: Optional[float] = None,
        adaptive: bool = False,
        force_class: Optional[int] = None,
        refine: bool = True,
        scale: Optional[float] = None,
        size: Optional[Tuple[int, int]] = None,
        tile: TileOption = "auto",
        memory_limit: Optional[int] = None,
        progress: Optional[Progress] = None,
    ) -> Result:
        """Upscale one image.

        Args:
            image: RGB (h, w, 3), uint8, uint16, or float32 in [0, 1].
            k: cost exponent; 0 takes the most probable class of each pixel, larger values
                the cheaper ones. By default the bundle's.
            adaptive: assign by K-means over the whole image (ADM) in place of k.
            force_class: give every pixel this class (0 = heaviest).
            refine: smooth light pixels that touch heavy ones.
            scale: magnification, any positive number; by default what the model was trained for.
            size: exact (H, W) of the result, in place of `scale`.
            tile: `auto` cuts where the image would need more than `memory_limit`, `off` never,
                a number gives the LR pixels along a tile's side. The result is the same.
            memory_limit: bytes that one tile may take, 768 MiB by default.
            progress: called with (tiles done, tiles in all).

        Raises:
            UsageError: a value makes no sense.
            EngineError: the backend failed.
        """
        begin = time.perf_counter()
        check_image(image)
        axes = self._axes(image.shape[0], image.shape[1], scale, size)
        manifest = self.bundle.manifest
        limit = DEFAULT_MEMORY if memory_limit is None else memory_limit
        if limit < 1:
            raise UsageError(f"memory limit {limit} is not valid; expected a number of bytes")
        side = tile_side(tile, axes, manifest.receptive_field, self._bytes_per_cell(), limit)
        frame = self._method.frame(
            FrameRequest(image, axes, side, k, adaptive, force_class, refine, progress)
        )
        frame.run()
        counts = np.bincount(frame.class_map.reshape(-1), minlength=len(manifest.classes))
        times = frame.watch.milliseconds()
        times["total"] = (time.perf_counter() - begin) * 1e3
        return Result(
            image=frame.out,
            class_map=frame.class_map,
            fractions=tuple(float(c) / frame.class_map.size for c in counts),
            times=times,
            tile=side if len(frame.tiles) > 1 else 0,
            tiles=len(frame.tiles),
        )

    def close(self) -> None:
        """Release engines and threads; the upscaler must not be used afterwards."""
        self._pool.shutdown()
        self._method.close()

    def __enter__(self) -> Upscaler:
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self.close()

    def _bytes_per_cell(self) -> int:
        # Float32 activations, and the window as planes and as pixels.
        return 4 * (self.bundle.manifest.activation_floats_per_cell + 6)

    def _axes(
        self, height: int, width: int, scale: Optional[float], size: Optional[Tuple[int, int]]
    ) -> Tuple[Axis, Axis]:
        if scale is not None and size is not None:
            raise UsageError("scale and size were both given; give one of them")
        if size is None:
            factor = scale if scale is not None else trained_scale(self.bundle.manifest)
            if factor is None:
                raise UsageError(
                    f"model {self.bundle.name} has no scale of its own; give scale or size"
                )
            if isinstance(factor, bool) or not math.isfinite(factor) or factor <= 0:
                raise UsageError(f"scale {factor} is not valid; expected a positive number, e.g. 4")
            size = (round(height * factor), round(width * factor))
        if len(size) != 2 or any(isinstance(n, bool) or int(n) != n for n in size):
            raise UsageError(f"size {size!r} is not valid; expected two whole numbers (H, W)")
        rows, cols = int(size[0]), int(size[1])
        if rows < 1 or cols < 1 or rows * cols > MAX_OUTPUT:
            raise UsageError(
                f"the result would have {cols}x{rows} pixels; expected at least 1x1 and at most "
                f"{MAX_OUTPUT} pixels: change scale or size"
            )
        return Axis(height, rows), Axis(width, cols)


def _thread_count(threads: Optional[int]) -> int:
    if threads is None:
        try:
            return len(os.sched_getaffinity(0))
        except AttributeError:  # not on this platform
            return os.cpu_count() or 1
    if isinstance(threads, bool) or threads < 1:
        raise UsageError(f"threads = {threads} is not valid; expected a whole number from 1")
    return threads
