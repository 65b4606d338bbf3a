"""Holds a result against the video that it should be, frame by frame."""

from __future__ import annotations

import math
from itertools import islice
from pathlib import Path
from typing import Iterator, Optional, Tuple

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
        self._error, self._compared = 0.0, 0

    @property
    def psnr(self) -> Optional[float]:
        """PSNR of luma in dB, peak 255, by the mean error of all frames; None before the first."""
        if not self._compared:
            return None
        return -10 * math.log10(max(self._error / self._compared, LEAST_ERROR))

    def skip(self, frames: int) -> None:
        """Pass frames that are not compared."""
        for _ in islice(self._frames, frames):
            pass

    def compare(self, result: Yuv) -> None:
        """Compare the next frame with a result, before it is encoded.

        Raises:
            InputError: the frame is damaged.
        """
        planes = next(self._frames).planes
        assert planes is not None
        difference = _luma(planes, self._source.facts.form) - _luma(result, self._form)
        self._error += float(np.mean(np.square(difference), dtype=np.float64))
        self._compared += 1

    def close(self) -> None:
        """Release the file."""
        self._source.close()

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
