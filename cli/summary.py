"""What `upscale` prints on stdout at the end: a summary for people, or the JSON document."""

from __future__ import annotations

from typing import Any, Dict, NamedTuple, Optional, Sequence

from pcsr_edge.cli import reports
from pcsr_edge.cli.batch import one_line
from pcsr_edge.cli.outcome import DONE, FAILED, Outcome, Totals, totals
from pcsr_edge.cli.tables import fractions_text, plural, seconds_text
from pcsr_edge.runtime.bundle import Bundle
from pcsr_edge.runtime.upscaler import Upscaler


class RunFacts(NamedTuple):
    """What holds for a whole run."""

    bundle: Bundle
    upscaler: Optional[Upscaler]
    """None after a dry run."""
    precision: str
    settings: Dict[str, Any]
    """k, scale and the like, as asked for."""
    seconds: float
    interrupted: bool


def as_text(facts: RunFacts, outcomes: Sequence[Outcome]) -> str:
    """Return the summary; empty where one picture was asked for and failed: that was said."""
    total = totals(outcomes)
    if facts.upscaler is None:
        return _planned_text(facts, outcomes, total)
    if len(outcomes) == 1 and outcomes[0].status == FAILED:
        return ""
    if len(outcomes) == 1 and outcomes[0].status == DONE:
        first = one_line(outcomes[0])
    else:
        first = f"{_counts(total)} in {seconds_text(facts.seconds)}"
        if total.fractions:
            first += f" ({fractions_text(total.fractions)})"
    if total.done == 0:
        return first
    threads = plural(facts.upscaler.threads, "thread")
    return (
        f"{first}\n{facts.bundle.name} on {facts.upscaler.backend_name}, {threads}, "
        f"{facts.precision}: {_speed(facts, total):.1f} megapixels per second written"
    )


def _speed(facts: RunFacts, total: Totals) -> float:
    """Return the megapixels written per second."""
    return total.megapixels / facts.seconds if facts.seconds > 0 else 0.0


def _counts(total: Totals) -> str:
    parts = [f"{plural(total.done, 'picture')} done"]
    parts += [f"{total.failed} failed"] if total.failed else []
    parts += [f"{total.skipped} skipped"] if total.skipped else []
    parts += [f"{total.planned} not begun"] if total.planned else []
    return ", ".join(parts)


def _planned_text(facts: RunFacts, outcomes: Sequence[Outcome], total: Totals) -> str:
    lines = [_planned_line(outcome) for outcome in outcomes]
    counts = f"{plural(total.planned, 'picture')} to do"
    counts += f", {total.skipped} to skip" if total.skipped else ""
    counts += f", {total.failed} would fail" if total.failed else ""
    return "\n".join([*lines, f"dry run with {facts.bundle.name}: {counts}; nothing was written"])


def _planned_line(outcome: Outcome) -> str:
    task = outcome.task
    if outcome.message is not None:
        return f"{task.source}: {outcome.status}"
    extra = "" if task.class_map is None else f", {task.class_map}"
    return f"{task.source} {outcome.input_size} -> {task.target} {outcome.output_size}{extra}"


def as_json(facts: RunFacts, outcomes: Sequence[Outcome], exit_code: int) -> str:
    """Return the document."""
    total, manifest = totals(outcomes), facts.bundle.manifest
    content = {
        "exit_code": exit_code,
        "interrupted": facts.interrupted,
        "dry_run": facts.upscaler is None,
        "model": {
            "name": manifest.name,
            "folder": facts.bundle.folder,
            "scale": manifest.scale,
            "classes": len(manifest.classes),
            "precision": facts.precision,
        },
        "backend": None if facts.upscaler is None else facts.upscaler.backend_name,
        "threads": None if facts.upscaler is None else facts.upscaler.threads,
        "settings": facts.settings,
        "summary": {
            "done": total.done,
            "failed": total.failed,
            "skipped": total.skipped,
            "not_begun": total.planned,
            "seconds": round(facts.seconds, 6),
            "megapixels": total.megapixels,
            "megapixels_per_second": round(_speed(facts, total), 3),
            "class_fractions": total.fractions or None,
        },
        "files": [outcome.as_dict() for outcome in outcomes],
    }
    return reports.document("upscale", content)
