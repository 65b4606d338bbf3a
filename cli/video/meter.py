"""The progress of a video: frames, speed, time left and queues, on stderr."""

from __future__ import annotations

import json
import time
from types import MappingProxyType
from typing import Any, Dict, Mapping, Optional

from pcsr_edge.cli.console import on_terminal
from pcsr_edge.cli.model_settings import own_setting, setting_text
from pcsr_edge.runtime.manifest import Manifest
from pcsr_edge.runtime.upscaler import Upscaler
from pcsr_edge.runtime.video.paced import PacedUpscaler
from pcsr_edge.runtime.video.request import Progress
from pcsr_edge.streams import write_message

INTERVAL = {"line": 0.25, "json": 1.0}
"""Seconds between two reports."""


class Meter:
    """Reports how far a video is, as `--progress` wants it.

    Args:
        style: `line` (only on a terminal), `json` or `none`.
        upscaler: what runs; with a budget its present gear is shown.
        options: of its runs; what they choose by is shown.
        clock: seconds; tests bring their own.
    """

    def __init__(
        self,
        style: str,
        upscaler: Upscaler,
        options: Mapping[str, Any] = MappingProxyType({}),
        clock: Any = time.monotonic,
    ) -> None:
        self._style = style if style != "line" or on_terminal() else "none"
        self._upscaler, self._options = upscaler, options
        self._clock = clock
        self._begin = self._last = clock()
        self._bar: Optional[Any] = _bar() if self._style == "line" else None

    def __call__(self, progress: Progress) -> None:
        """Report, if it is time to."""
        now = self._clock()
        last = progress.resumed + progress.state.done == progress.total
        if self._style == "none" or (now - self._last < INTERVAL[self._style] and not last):
            return
        self._last = now
        numbers = measured(progress, now - self._begin, self._label())
        if self._bar is None:
            write_message(json.dumps(numbers))
        else:
            self._bar.set_description_str(as_line(numbers))

    def _label(self) -> str:
        if isinstance(self._upscaler, PacedUpscaler):
            return self._upscaler.label
        bundle = self._upscaler.bundle
        return f"{bundle.name} {chosen_by(bundle.manifest, self._options)}".rstrip()

    def close(self) -> None:
        """Take the line away."""
        if self._bar is not None:
            self._bar.close()


def chosen_by(manifest: Manifest, options: Mapping[str, Any]) -> str:
    """Return by what classes are chosen, e.g. `k=0.5`; empty where there are none."""
    if not manifest.has_classes:
        return ""
    return setting_text(options) or setting_text(own_setting(manifest))


def measured(progress: Progress, seconds: float, label: str) -> Dict[str, Any]:
    """Return the numbers that are reported; what is not known is None.

    The speed is that of this run: frames of an earlier one are done, but took no time.
    """
    state = progress.state
    done = progress.resumed + state.done
    fps = state.done / seconds if seconds > 0 else 0.0
    left = None if progress.total is None or fps == 0 else (progress.total - done) / fps
    return {
        "frame": done,
        "frames": progress.total,
        "fps": round(fps, 2),
        "elapsed_s": round(seconds, 1),
        "remaining_s": None if left is None else round(left, 1),
        "model": label,
        "queue_decoded": state.decoded,
        "queue_upscaled": state.upscaled,
        "queue_depth": state.depth,
        "queue_backlog": state.backlog,
    }


def as_line(numbers: Dict[str, Any]) -> str:
    """Write the numbers in one line."""
    total = numbers["frames"]
    share = "" if not total else f" ({100 * numbers['frame'] / total:.2f}%)"
    depth, backlog = numbers["queue_depth"], numbers["queue_backlog"]
    return (
        f"frame={numbers['frame']}/{'?' if total is None else total}{share}; "
        f"fps={numbers['fps']:.2f}; elapsed={_clock_text(numbers['elapsed_s'])}; "
        f"remaining={_clock_text(numbers['remaining_s'])}; {numbers['model']}; "
        f"queues={numbers['queue_decoded']}/{backlog},{numbers['queue_upscaled']}/{depth}"
    )


def _clock_text(seconds: Optional[float]) -> str:
    if seconds is None:
        return "?"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{rest:02d}"


def _bar() -> Any:
    import sys

    from tqdm import tqdm

    # Only its way of keeping one line at the bottom is used.
    return tqdm(bar_format="{desc}", file=sys.stderr, leave=False, dynamic_ncols=True)
