"""One frame of video on its way, and what holds for all frames of a stream."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Optional, Tuple

import numpy as np
import numpy.typing as npt

from pcsr_edge.runtime.colour import Matrix
from pcsr_edge.runtime.video.later import Later
from pcsr_edge.runtime.yuv import Yuv, YuvFormat


@dataclass(frozen=True)
class Tags:
    """What a stream says of its colours, as numbers of ITU-T H.273; 2 is "unspecified"."""

    matrix: int = 2
    primaries: int = 2
    transfer: int = 2


@dataclass(frozen=True)
class VideoFacts:
    """What holds for all frames of a stream."""

    size: Tuple[int, int]
    """(h, w) of luma."""
    form: YuvFormat
    """Range, depth and chroma siting of the codes."""
    matrix: Optional[Matrix]
    """None where it is none that RGB can be made with."""
    tags: Tags
    """To be written to the result; completed where the stream left something open."""
    time_base: Fraction
    """Seconds per tick of the timestamps."""
    rate: Optional[Fraction] = None
    """Frames per second as the stream announces them, for what needs one; never for timestamps."""
    frames: Optional[int] = None
    """How many frames there are; None where that is not known."""
    aspect: Optional[Fraction] = None
    """Width of a pixel by its height; None where nothing is said."""
    rotation: int = 0
    """Degrees counter-clockwise that players turn the picture by."""
    mirror: Optional[Tuple[int, ...]] = None
    """Matrix of 3x3 that players show the picture by, where it mirrors; FFmpeg's numbers."""
    live: bool = False
    """Whether frames come when they come, and never again."""
    notes: Tuple[str, ...] = ()
    """What was assumed and what is not kept: clauses that follow the name of the input."""


@dataclass(frozen=True)
class Frame:
    """One frame of 4:2:0 video."""

    planes: Optional[Yuv]
    """Codes; None where the frame is lost, since nothing could be decoded, or comes as `rgb`."""
    pts: int
    """Time of presentation, in ticks of the stream."""
    duration: int = 0
    """Ticks it is shown for; 0 where the stream does not say."""
    damage: str = ""
    """What is wrong with the frame; empty for a good one."""
    remark: str = ""
    """What is worth telling though it is no damage."""
    bicubic: bool = False
    """Whether it shall be enlarged by bicubic, whatever the model is."""
    rgb: Optional[npt.NDArray[np.float32]] = None
    """(h, w, 3) in [0, 1], in place of planes: chroma of full size is not thrown away early."""
    coded: Optional[Later[Yuv]] = None
    """In place of planes, which are still to be made of SR pixels; see `completed`."""

    @property
    def has_picture(self) -> bool:
        """Whether there is something to show."""
        return any(form is not None for form in (self.planes, self.rgb, self.coded))

    def completed(self) -> Frame:
        """Return the frame with its planes, which are made now if they were not yet."""
        return self if self.coded is None else replace(self, planes=self.coded.get(), coded=None)
