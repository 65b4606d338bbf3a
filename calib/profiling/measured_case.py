"""What a case took, in numbers: one entry of a profile."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Sequence

from pcsr_edge.calib.profiling.case import Case
from pcsr_edge.calib.profiling.frame import DECODE, ENCODE
from pcsr_edge.calib.profiling.run_loop import Recording
from pcsr_edge.calib.profiling.summary import Summary

ORDER = (
    DECODE,
    "preprocess",
    "backbone",
    "trunk",
    "network",
    "bicubic",
    "queue",
    "wait",
    "classifier",
    "assignment",
    "residual",
    "gather",
    "upsampler",
    "deep",
    "subnet",
    "interpolation",
    "scatter",
    "refinement",
    "postprocess",
    ENCODE,
)
"""Stages in the order of a frame's way; `upsampler_0` stands where `upsampler` does."""


@dataclass(frozen=True)
class MeasuredCase:
    """One case, the times of its frames, and how long its model took to load."""

    case: Case
    recording: Recording
    load_ms: float
    """Wall time of loading the model, engines compiled and tuned."""
    shared: bool = False
    """Whether another case had run the same engines before: the first frame was a warm one."""

    @property
    def latency(self) -> Summary:
        """Wall time of an upscaling, in ms."""
        return Summary.of(self.recording.upscale_ms())

    @property
    def end_to_end(self) -> Optional[Summary]:
        """The same with decoding and encoding; None where neither was measured."""
        frames = [timed.frame for timed in self.recording.frames]
        if not any(DECODE in frame.stages_ms or ENCODE in frame.stages_ms for frame in frames):
            return None
        return Summary.of([frame.total_ms for frame in frames])

    @property
    def stages(self) -> Dict[str, Summary]:
        """Stage → times in ms, added up over threads, in the order of a frame's way."""
        frames = [timed.frame for timed in self.recording.frames]
        names = sorted({name for frame in frames for name in frame.stages_ms}, key=_place)
        return {n: Summary.of([frame.stages_ms.get(n, 0.0) for frame in frames]) for n in names}

    @property
    def busy_threads(self) -> float:
        """Mean number of threads at work during an upscaling, as far as stages were timed."""
        frames = [timed.frame for timed in self.recording.frames]
        return statistics.mean(sum(f.inner_ms.values()) / f.upscale_ms for f in frames)

    @property
    def fractions(self) -> List[float]:
        """Share of the output pixels in each class, mean over the frames."""
        columns = zip(*(timed.frame.fractions for timed in self.recording.frames))
        return [statistics.mean(column) for column in columns]

    @property
    def peak_bytes(self) -> Optional[int]:
        """Most memory that the process held during a frame of this case, warming up included."""
        frames = [*self.recording.warm_up, *(t.frame for t in self.recording.frames)]
        return max((f.peak_bytes for f in frames if f.peak_bytes is not None), default=None)

    def as_dict(self, start_s: float) -> Dict[str, Any]:
        """Return the entry of the document.

        Args:
            start_s: the moment from which frames are dated.
        """
        latency, end_to_end = self.latency, self.end_to_end
        warm_up = self.recording
        return {
            **self.case.as_dict(),
            "load_ms": round(self.load_ms, 3),
            "first_frame_ms": round(warm_up.first_ms, 3),
            "first_frame_on_warm_engines": self.shared,
            "warm_up": {"frames": len(warm_up.warm_up), "steady": warm_up.steady},
            "latency_ms": latency.as_dict(),
            "end_to_end_ms": None if end_to_end is None else end_to_end.as_dict(),
            "frames_per_second": round(1e3 / latency.mean, 4),
            "output_megapixels_per_second": round(1e3 / latency.mean * self.case.megapixels, 4),
            "stages_ms": {name: summary.as_dict() for name, summary in self.stages.items()},
            "busy_threads": round(self.busy_threads, 3),
            "class_fractions": [round(share, 6) for share in self.fractions],
            "peak_bytes": self.peak_bytes,
            "frames": _frames(self.recording, start_s),
        }


def _frames(recording: Recording, start_s: float) -> List[Sequence[float]]:
    return [
        [round(timed.at_s - start_s, 4), round(timed.frame.upscale_ms, 3)]
        for timed in recording.frames
    ]


def _place(stage: str) -> Any:
    family = stage.rstrip("0123456789").rstrip("_")
    return (ORDER.index(family) if family in ORDER else len(ORDER), stage)
