"""How a time budget was kept: deadlines, use, gears."""

from __future__ import annotations

from typing import Any, Dict, List, NamedTuple, Optional, Sequence

from pcsr_edge.runtime.upscaler import Upscaler
from pcsr_edge.runtime.video.pace import report
from pcsr_edge.runtime.video.paced import PacedUpscaler


class Ran(NamedTuple):
    """A model that ran, and where."""

    model: str
    backend: str


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
        "mean_work": None if found.work is None else round(found.work, 4),
        "gears": upscaler.names,
        "shifts": [
            {
                "frame": shift.frame,
                "gear": upscaler.names[shift.gear],
                "backend": upscaler.backends[shift.gear],
            }
            for shift in upscaler.pace.shifts
            # The last frame may have been one too many.
            if shift.frame < upscaler.pace.frame
        ],
    }


def models_that_ran(upscaler: Upscaler, entries: Sequence[Optional[Dict[str, Any]]]) -> List[Ran]:
    """Return each model once: that of the upscaler, or under a budget those of the entries."""
    shifts = [shift for entry in entries if entry is not None for shift in entry["shifts"]]
    ran = dict.fromkeys(Ran(shift["gear"], shift["backend"]) for shift in shifts)
    return list(ran) or [Ran(upscaler.bundle.name, upscaler.backend_name)]


def pace_text(entry: Optional[Dict[str, Any]]) -> str:
    """Return the same as a line that follows others; empty without a budget."""
    if entry is None:
        return ""
    if not entry["frames"]:
        return f"\nbudget {entry['budget_ms']:.1f} ms: no frame had to be computed"
    work = entry["mean_work"]
    heavy = "" if work is None else f", {100 * work:.0f}% heavy pixels"
    history = ", ".join(f"{shift['gear']} from frame {shift['frame']}" for shift in entry["shifts"])
    return (
        f"\nbudget {entry['budget_ms']:.1f} ms: {100 * entry['within_budget_and_a_tenth']:.1f}% of "
        f"frames within it and a tenth, {100 * entry['mean_use']:.0f}% used on average{heavy}; "
        f"{history}"
    )
