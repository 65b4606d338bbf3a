"""Holds a result against the video that it should be, frame by frame."""

from __future__ import annotations

import math
from itertools import islice
from pathlib import Path
from typing import Callable, Iterator, Optional, Tuple

import numpy as np

from pcsr_edge.errors import InputError
from pcsr_edge.runtime.codes import from_codes
from pcsr_edge.runtime.colour import Plane
from pcsr_edge.runtime.video.av_source import AvSource
from pcsr_edge.runtime.video.frame import Frame, VideoFacts
from pcsr_edge.runtime.video.mending import mended
from pcsr_edge.runtime.yuv import Yuv, YuvFormat

LEAST_ERROR = 1e-10
"""Squared error, of values 0…1, that counts as none: 100 dB."""


class Truth:
    """A video of the size of the result, with as many frames; its depth may be another.

    Args:
        path: of the video.
        facts: of the input.
        size: (H, W) of the result.
        frames: of the result.
        threads: of the decoder.

    Raises:
        InputError: it is no video, or not of this size, length or range.
    """

    def __init__(
        self, path: Path, facts: VideoFacts, size: Tuple[int, int], frames: int, threads: int
    ) -> None:
        self._source = AvSource(path, threads)
        self._form = facts.form
        try:
            self._check(path, size, frames)
        except BaseException:
            self.close()
            raise
        self._frames: Iterator[Frame] = mended(self._source.frames(), "abort", str(path))
        self.unpaced: Optional[Callable[[Frame], Frame]] = None
        """Upscales a frame as it would be without the time budget, where there is one."""
        self._error = self._unpaced_error = 0.0
        self._compared = 0

    @property
    def psnr(self) -> Optional[float]:
        """PSNR of luma in dB, peak 255, by the mean error of all frames; None before the first."""
        return self._decibels(self._error) if self._compared else None

    @property
    def cost(self) -> Optional[float]:
        """Decibels that the budget costs: PSNR of luma without it, less `psnr`."""
        if self.psnr is None or self.unpaced is None:
            return None
        return self._decibels(self._unpaced_error) - self.psnr

    def skip(self, frames: int) -> None:
        """Pass frames that are not compared."""
        for _ in islice(self._frames, frames):
            pass

    def compare(self, frame: Frame, result: Frame) -> None:
        """Compare the next frame with a result, before it is encoded.

        Args:
            frame: of the input.
            result: what became of it.

        Raises:
            InputError: the frame of the truth is damaged.
            EngineError: the backend failed without the budget.
        """
        truth = next(self._frames).planes
        assert truth is not None
        assert result.planes is not None
        self._error += self._distance(truth, result.planes)
        self._compared += 1
        if self.unpaced is not None:
            unpaced = self.unpaced(frame).planes
            assert unpaced is not None
            self._unpaced_error += self._distance(truth, unpaced)

    def close(self) -> None:
        """Release the file."""
        self._source.close()

    def _distance(self, truth: Yuv, result: Yuv) -> float:
        """Return the mean squared error of luma, of values 0…1."""
        difference = _luma(truth, self._source.facts.form) - _luma(result, self._form)
        return float(np.mean(np.square(difference), dtype=np.float64))

    def _decibels(self, errors: float) -> float:
        return -10 * math.log10(max(errors / self._compared, LEAST_ERROR))

    def _check(self, path: Path, size: Tuple[int, int], frames: int) -> None:
        found, there = self._source.facts, self._source.inventory.frames
        if found.size != size:
            raise InputError(
                f"{path} is {found.size[1]}x{found.size[0]}, and the result {size[1]}x{size[0]}: "
                "--truth must be the video of that size from which the input was reduced"
            )
        if there != frames:
            raise InputError(
                f"{path} has {there} frames, and the input {frames}: --truth must have the same"
            )
        if found.form.swing is not self._form.swing:
            raise InputError(
                f"{path} has luma of {found.form.swing.name.lower()} range, and the input of "
                f"{self._form.swing.name.lower()} range: convert one of them first"
            )


def _luma(planes: Yuv, form: YuvFormat) -> Plane:
    return from_codes(planes.y, form.bits, form.swing, chroma=False)
