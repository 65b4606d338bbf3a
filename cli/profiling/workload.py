"""Frames of a loaded model, with decoding and encoding around them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Dict, Mapping, Optional

import numpy as np
import numpy.typing as npt

from pcsr_edge.calib.profiling import Frame, PeakMemory
from pcsr_edge.calib.profiling.frame import DECODE, ENCODE
from pcsr_edge.runtime.images import Picture, read_picture, write_picture
from pcsr_edge.runtime.result import Result
from pcsr_edge.runtime.upscaler import Upscaler

Pixels = npt.NDArray[np.uint8]


class UpscalerWorkload:
    """Takes one picture through an upscaler again and again; see `calib.profiling.Workload`.

    Args:
        upscaler: stays the caller's.
        picture: uint8 (h, w, 3).
        options: arguments of `Upscaler.run`.
        memory: asked for its peak after each frame.
        source: a file with the picture, decoded for each frame; None leaves decoding out.
        target: where the result is encoded to, with the suffix of its format; None leaves
            encoding out.
    """

    def __init__(
        self,
        upscaler: Upscaler,
        picture: Pixels,
        options: Mapping[str, Any],
        memory: PeakMemory,
        source: Optional[Path] = None,
        target: Optional[Path] = None,
    ) -> None:
        self.picture = picture
        self._upscaler, self._options = upscaler, dict(options)
        self._memory, self._source, self._target = memory, source, target

    def run(self) -> Frame:
        """Decode, upscale and encode.

        Raises:
            UsageError: the model cannot do what the options ask for.
            EngineError: the backend failed.
            OutputError: the disk is full.
        """
        told = self._memory.reset()
        around: Dict[str, float] = {}
        rgb = self.picture
        if self._source is not None:
            begin = time.perf_counter()
            rgb = read_picture(self._source).rgb
            around[DECODE] = (time.perf_counter() - begin) * 1e3
        result = self.upscale(rgb)
        if self._target is not None:
            begin = time.perf_counter()
            write_picture(Picture(result.image), self._target, overwrite=True)
            around[ENCODE] = (time.perf_counter() - begin) * 1e3
        stages = {name: ms for name, ms in result.times.items() if name != "total"}
        return Frame(
            upscale_ms=result.times["total"],
            stages_ms={**stages, **around},
            fractions=result.fractions,
            peak_bytes=self._memory.peak_bytes() if told else None,
        )

    def upscale(self, rgb: Optional[Pixels] = None) -> Result:
        """Upscale the picture, or another of its size, and return all there is."""
        return self._upscaler.run(self.picture if rgb is None else rgb, **self._options)

    def cancel(self) -> None:
        """Make a frame under way in another thread fail soon; see `Upscaler.cancel`."""
        self._upscaler.cancel()
