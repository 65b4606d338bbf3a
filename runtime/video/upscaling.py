"""Upscales frames of video: as planes where the model can, through RGB where it cannot."""

from __future__ import annotations

import time
from dataclasses import replace
from fractions import Fraction
from typing import Any, Dict, Mapping, Optional, Tuple

import numpy as np

from pcsr_edge.errors import InputError
from pcsr_edge.runtime.bicubic import resize
from pcsr_edge.runtime.upscaler import Upscaler
from pcsr_edge.runtime.video.convert import from_rgb, to_rgb
from pcsr_edge.runtime.video.frame import Frame, VideoFacts
from pcsr_edge.runtime.video.paced import PacedUpscaler
from pcsr_edge.runtime.yuv import Yuv


class FrameUpscaler:
    """Upscales the frames of one stream, one after the other.

    A frame that equals the one before is not computed again.

    Args:
        upscaler: the model.
        facts: of the stream.
        size: (H, W) of the result.
        options: further arguments of `Upscaler.run`.

    Raises:
        InputError: the model takes RGB, which cannot be made of the stream's colours.
    """

    def __init__(
        self,
        upscaler: Upscaler,
        facts: VideoFacts,
        size: Tuple[int, int],
        options: Mapping[str, Any],
    ) -> None:
        self._upscaler, self._facts, self._size = upscaler, facts, size
        self._options: Dict[str, Any] = dict(options)
        self._before: Optional[Tuple[Frame, Yuv]] = None
        self.reused = 0
        """Frames that were equal to the one before."""
        if facts.matrix is None and not self._is_bicubic():
            raise InputError(
                f"colour matrix {facts.tags.matrix} of the stream is none that RGB can be made "
                "with; expected BT.601, BT.709 or BT.2020: convert the video first"
            )

    def __call__(self, frame: Frame) -> Frame:
        """Upscale one frame, whose picture is there.

        Raises:
            EngineError: the backend failed.
        """
        begin = time.perf_counter()
        if self._before is not None and _same(frame, self._before[0]):
            self.reused += 1
            return replace(frame, planes=self._before[1], rgb=None)
        planes = self._upscaled(frame)
        self._before = frame, planes
        if isinstance(self._upscaler, PacedUpscaler):
            self._upscaler.observe((time.perf_counter() - begin) * 1e3)
        return replace(frame, planes=planes, rgb=None)

    def _upscaled(self, frame: Frame) -> Yuv:
        form, matrix = self._facts.form, self._facts.matrix
        bicubic = frame.bicubic or self._is_bicubic()
        if frame.planes is not None and bicubic:
            return enlarged(frame.planes, self._size, self._facts)
        assert matrix is not None
        rgb = frame.rgb if frame.planes is None else to_rgb(frame.planes, form, matrix)
        assert rgb is not None
        result = self._upscaler.run(rgb, size=self._size, **self._options)
        return from_rgb(result.image, form, matrix)

    def _is_bicubic(self) -> bool:
        """Return whether the model is bicubic, which needs no RGB."""
        if isinstance(self._upscaler, PacedUpscaler) and self._upscaler.pace is None:
            # It has yet to measure what it can do.
            return False
        return self._upscaler.bundle.manifest.method == "bicubic"


def enlarged(planes: Yuv, size: Tuple[int, int], facts: VideoFacts) -> Yuv:
    """Bring planes to another size (H, W) of luma by bicubic interpolation, without RGB."""
    height, width = planes.y.shape
    half = (size[0] + 1) // 2, (size[1] + 1) // 2
    white = 2**facts.form.bits - 1
    # Chroma of an odd size is rounded up, so its own sizes do not give the magnification.
    scale = Fraction(size[0], height), Fraction(size[1], width)
    chroma = [
        resize(plane, half, scale=scale, siting=facts.form.siting, white=white)
        for plane in (planes.cb, planes.cr)
    ]
    return Yuv(resize(planes.y, size, white=white), chroma[0], chroma[1])


def _same(frame: Frame, before: Frame) -> bool:
    if frame.bicubic != before.bicubic or (frame.planes is None) != (before.planes is None):
        return False
    if frame.planes is None or before.planes is None:
        assert frame.rgb is not None
        assert before.rgb is not None
        return np.array_equal(frame.rgb, before.rgb)
    return all(np.array_equal(new, old) for new, old in zip(frame.planes, before.planes))
