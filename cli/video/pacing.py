"""How a time budget was kept: deadlines, use, gears."""

from __future__ import annotations

from typing import Any, Dict, Optional

from pcsr_edge.runtime.upscaler import Upscaler
from pcsr_edge.runtime.video.pace import report
from pcsr_edge.runtime.video.paced import PacedUpscaler


def pace_entry(upscaler: Upscaler) -> Optional[Dict[str, Any]]:
    """Return what `--json` says of the budget; None where there is none."""
    if not isinstance(upscaler, PacedUpscaler) or upscaler.pace is None:
        return None
    found = report(upscaler.budget_ms, upscaler.pace)
    return {
        "budget_ms": upscaler.budget_ms,
        "frames": found.frames,
        "within_budget_and_a_tenth": round(found.kept, 4),
        "mean_use": round(found.used, 4),
        "mean_work": round(found.work, 4),
        "gears": upscaler.names,
        "shifts": [
            {"frame": shift.frame, "gear": upscaler.names[shift.gear]}
            for shift in upscaler.pace.shifts
        ],
    }


def model_text(upscaler: Upscaler) -> str:
    """Return the name of the model, of the best gear under a budget."""
    if isinstance(upscaler, PacedUpscaler) and upscaler.pace is not None:
        return upscaler.names[0]
    return upscaler.bundle.name


def pace_text(entry: Optional[Dict[str, Any]]) -> str:
    """Return the same as a line that follows others; empty without a budget."""
    if entry is None:
        return ""
    history = ", ".join(f"{shift['gear']} from frame {shift['frame']}" for shift in entry["shifts"])
    return (
        f"\nbudget {entry['budget_ms']:.1f} ms: {100 * entry['within_budget_and_a_tenth']:.1f}% of "
        f"frames within it and a tenth, {100 * entry['mean_use']:.0f}% used on average, "
        f"{100 * entry['mean_work']:.0f}% heavy pixels; {history}"
    )
