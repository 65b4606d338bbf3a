"""What is asked for one video file, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, List, Mapping, Optional, Tuple

from pcsr_edge.runtime.video.checking import Checked
from pcsr_edge.runtime.video.encoding import Encoding
from pcsr_edge.runtime.video.frame import VideoFacts
from pcsr_edge.runtime.video.mending import BadFrame
from pcsr_edge.runtime.video.pipeline import State
from pcsr_edge.runtime.video.streams import EVERYTHING, Wanted

SEGMENT = 100
"""Frames in a segment: what a kill costs at most."""


@dataclass(frozen=True)
class VideoRequest:
    """One video, and what is asked for it."""

    source: Path
    target: Path
    options: Mapping[str, Any] = field(default_factory=dict)
    """Further arguments of `Upscaler.run`."""
    precision: str = "fp32"
    """Of the graphs that the upscaler was loaded with."""
    scale: Optional[float] = None
    """Magnification; None where `size` is given."""
    size: Optional[Tuple[int, int]] = None
    """Exact (H, W) of the result."""
    codec: Optional[str] = None
    pix_fmt: Optional[str] = None
    encoder_options: Mapping[str, str] = field(default_factory=dict)
    wanted: Wanted = EVERYTHING
    on_error: str = "repeat"
    """What becomes of damaged frames; see `mending.mended`."""
    segment: int = SEGMENT
    overwrite: bool = False
    still_threshold: int = 0
    """Codes by which samples of a part may differ that counts as unchanged; 0 is exact."""
    truth: Optional[Path] = None
    """The video that the result should be, where it is known."""


@dataclass(frozen=True)
class VideoResult:
    """What came of it."""

    facts: VideoFacts
    size: Tuple[int, int]
    """(H, W) as encoded."""
    encoding: Encoding
    checked: Checked
    resumed: int
    """Frames that an earlier run had done."""
    reused: int
    """Frames that were equal to the one before, and not computed again."""
    computed_share: float
    """Share of the pixels that were computed, of frames that differed from the one before."""
    bad: List[BadFrame]
    missing: int
    """Frames that the header of the input announces and that are not there."""
    missing_seconds: float
    """Likewise the time, where the header announces no frames."""
    left_out: int
    """Packets of copied streams that damage made unfit for the container."""
    notes: List[str]
    psnr: Optional[float] = None
    """Of luma against the truth, in dB, before encoding, of the frames of this run; None without a
    truth."""
    psnr_cost: Optional[float] = None
    """By how much less that is than without a budget, in dB; None without a truth or a budget."""


@dataclass(frozen=True)
class Progress:
    """How far a video is."""

    state: State
    resumed: int
    total: Optional[int]
    """Frames in all; None where that is not known."""
