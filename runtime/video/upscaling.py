"""Upscales frames of video: as planes where the model can, through RGB where it cannot."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any, Dict, Mapping, Optional, Tuple

import numpy as np

from pcsr_edge.errors import InputError
from pcsr_edge.runtime.bicubic import resize
from pcsr_edge.runtime.upscaler import Upscaler
from pcsr_edge.runtime.video.convert import from_rgb, to_rgb
from pcsr_edge.runtime.video.frame import Frame, VideoFacts
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
        self._before: Optional[Tuple[Yuv, bool, Yuv]] = None
        self.reused = 0
        """Frames that were equal to the one before."""
        if facts.matrix is None and upscaler.bundle.manifest.method != "bicubic":
            raise InputError(
                f"colour matrix {facts.tags.matrix} of the stream is none that RGB can be made "
                "with; expected BT.601, BT.709 or BT.2020: convert the video first"
            )

    def __call__(self, frame: Frame) -> Frame:
        """Upscale one frame, whose planes are there.

        Raises:
            EngineError: the backend failed.
        """
        assert frame.planes is not None
        bicubic = frame.bicubic or self._upscaler.bundle.manifest.method == "bicubic"
        if self._before is not None and _same(frame.planes, bicubic, self._before):
            self.reused += 1
            return replace(frame, planes=self._before[2])
        planes = self._bicubic(frame.planes) if bicubic else self._network(frame.planes)
        self._before = frame.planes, bicubic, planes
        return replace(frame, planes=planes)

    def _network(self, planes: Yuv) -> Yuv:
        assert self._facts.matrix is not None
        rgb = to_rgb(planes, self._facts.form, self._facts.matrix)
        result = self._upscaler.run(rgb, size=self._size, **self._options)
        return from_rgb(result.image, self._facts.form, self._facts.matrix)

    def _bicubic(self, planes: Yuv) -> Yuv:
        return enlarged(planes, self._size, self._facts)


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


def _same(planes: Yuv, bicubic: bool, before: Tuple[Yuv, bool, Yuv]) -> bool:
    if bicubic != before[1]:
        return False
    return all(np.array_equal(new, old) for new, old in zip(planes, before[0]))
