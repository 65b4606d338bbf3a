"""What `upscale` prints on stdout at the end of videos: for people, or the JSON document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Sequence, Tuple

from pcsr_edge.cli import reports
from pcsr_edge.cli.outcome import DONE, FAILED, PLANNED
from pcsr_edge.cli.tables import plural, seconds_text
from pcsr_edge.cli.video.pacing import models_that_ran, pace_text
from pcsr_edge.cli.video.planning import VideoTask
from pcsr_edge.runtime.upscaler import Upscaler
from pcsr_edge.runtime.video.request import VideoResult

STOPPED = "interrupted"


@dataclass
class VideoOutcome:
    """What became of one video."""

    task: VideoTask
    status: str = PLANNED
    """`planned`, `done`, `failed`, `skipped` or `interrupted`."""
    message: Optional[str] = None
    """Why it failed or was skipped."""
    error_code: int = 0
    """Exit code of the error, where it failed."""
    input_size: Optional[Tuple[int, int]] = None
    """(h, w)."""
    result: Optional[VideoResult] = None
    seconds: float = 0.0
    pace: Optional[Dict[str, Any]] = None
    """How the time budget was kept; None without one."""

    @property
    def fps(self) -> float:
        """Frames per second of this run."""
        if self.result is None or self.seconds <= 0:
            return 0.0
        return (self.result.checked.frames - self.result.resumed) / self.seconds

    @property
    def code(self) -> int:
        """Exit code: 1 too where a video is written, but lacks something or has bad frames."""
        result = self.result
        if result is None:
            return self.error_code
        lacks = result.missing or result.missing_seconds or result.left_out
        return 1 if result.bad or lacks else self.error_code


def exit_code(outcomes: Sequence[VideoOutcome]) -> int:
    """Return 0 if all went well; if all failed alike, the code of that error, else 1."""
    codes = {outcome.code for outcome in outcomes}
    if codes <= {0}:
        return 0
    return codes.pop() if len(codes) == 1 else 1


def as_text(upscaler: Upscaler, precision: str, outcomes: Sequence[VideoOutcome]) -> str:
    """Return the summary; empty where nothing was done: why was said."""
    lines = [_line(outcome) for outcome in outcomes if outcome.status != FAILED]
    if any(outcome.status == DONE for outcome in outcomes):
        threads = plural(upscaler.threads, "thread")
        ran = models_that_ran(upscaler, [outcome.pace for outcome in outcomes])
        models = ", ".join(f"{each.model} on {each.backend}" for each in ran)
        lines.append(f"{models}, {threads}, {precision}")
    return "\n".join(lines)


def _line(outcome: VideoOutcome) -> str:
    task, result = outcome.task, outcome.result
    if result is None:
        if outcome.status == PLANNED and outcome.input_size is not None:
            height, width = outcome.input_size
            return f"{task.source} {width}x{height} -> {task.target}; nothing was written"
        return f"{task.source}: {outcome.status}"
    height, width = result.facts.size
    checked = result.checked
    copied = ", ".join(f"{count} packets of {kind}" for kind, count in checked.packets.items())
    parts = [
        f"{task.source} {width}x{height} -> {task.target} {result.size[1]}x{result.size[0]}",
        f"{plural(checked.frames, 'frame')} of {seconds_text(checked.seconds)} "
        f"in {seconds_text(outcome.seconds)} ({outcome.fps:.2f} fps)",
        f"checked: all frames at their times{', ' if copied else ''}{copied}",
    ]
    if result.resumed:
        parts.append(f"{plural(result.resumed, 'frame')} of an earlier run")
    if result.reused:
        parts.append(f"{plural(result.reused, 'frame')} equal to the one before")
    if result.computed_share < 0.995:
        parts.append(f"{100 * result.computed_share:.0f}% of the pixels computed, the rest still")
    if result.psnr is not None:
        parts.append(f"PSNR of luma against the truth {result.psnr:.2f} dB")
    if result.psnr_cost is not None:
        parts.append(f"without the budget {result.psnr_cost:+.2f} dB")
    if result.bad:
        numbers = ", ".join(str(bad.number) for bad in result.bad[:10])
        more = ", …" if len(result.bad) > 10 else ""
        parts.append(f"{plural(len(result.bad), 'bad frame')}: {numbers}{more}")
    return "; ".join(parts) + pace_text(outcome.pace)


def as_json(
    upscaler: Upscaler,
    precision: str,
    outcomes: Sequence[VideoOutcome],
    code: int,
    seconds: float,
) -> str:
    """Return the document."""
    ran = models_that_ran(upscaler, [outcome.pace for outcome in outcomes])
    content = {
        "exit_code": code,
        "model": {"name": ", ".join(each.model for each in ran), "precision": precision},
        "backend": ", ".join(dict.fromkeys(each.backend for each in ran)),
        "backend_choice": upscaler.backend_choice,
        "threads": upscaler.threads,
        "seconds": round(seconds, 3),
        "videos": [_entry(outcome) for outcome in outcomes],
    }
    return reports.document("upscale", content)


def _entry(outcome: VideoOutcome) -> Dict[str, Any]:
    entry: Dict[str, Any] = {
        "source": outcome.task.source,
        "target": outcome.task.target,
        "status": outcome.status,
        "message": outcome.message,
        "seconds": round(outcome.seconds, 3),
    }
    result = outcome.result
    if result is None:
        return entry
    bad: List[Dict[str, Any]] = [b._asdict() for b in result.bad]
    return {
        **entry,
        "fps": round(outcome.fps, 3),
        "frames": result.checked.frames,
        "frames_resumed": result.resumed,
        "frames_reused": result.reused,
        "computed_share": round(result.computed_share, 4),
        "psnr_luma_db": None if result.psnr is None else round(result.psnr, 4),
        "psnr_cost_db": None if result.psnr_cost is None else round(result.psnr_cost, 4),
        "bad_frames": bad,
        "missing_frames": result.missing,
        "missing_s": round(result.missing_seconds, 3),
        "packets_left_out": result.left_out,
        "duration_s": result.checked.seconds,
        "shift_s": result.checked.shift,
        "copied_packets": result.checked.packets,
        "input_size": {"width": result.facts.size[1], "height": result.facts.size[0]},
        "output_size": {"width": result.size[1], "height": result.size[0]},
        "codec": result.encoding.codec,
        "pix_fmt": result.encoding.pix_fmt,
        "encoder_options": dict(result.encoding.options),
        "colour": result.facts.tags.__dict__,
        "notes": result.notes,
        "pace": outcome.pace,
    }
