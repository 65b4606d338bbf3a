"""What `upscale` prints on stdout at the end: a summary for people, or the JSON document."""

from __future__ import annotations

from typing import Any, Dict, NamedTuple, Optional, Sequence

from pcsr_edge.cli import reports
from pcsr_edge.cli.batch import one_line
from pcsr_edge.cli.choosing import Choosing
from pcsr_edge.cli.outcome import DONE, FAILED, Outcome, Totals, totals
from pcsr_edge.cli.tables import fractions_text, plural, seconds_text
from pcsr_edge.runtime.bundle import Bundle
from pcsr_edge.runtime.upscaler import AUTO_MODEL, Upscaler


class RunFacts(NamedTuple):
    """What holds for a whole run."""

    bundle: Optional[Bundle]
    """None where the ladder chose the models."""
    upscaler: Optional[Upscaler]
    """None after a dry run."""
    precision: str
    settings: Dict[str, Any]
    """k, scale and the like, as asked for."""
    seconds: float
    interrupted: bool
    choosing: Optional[Choosing] = None
    """Where the ladder chose the models."""
    budget_ms: Optional[float] = None
    """Milliseconds that a picture may take; None where nothing was said."""

    @property
    def model(self) -> str:
        """Name of the model."""
        return AUTO_MODEL if self.bundle is None else self.bundle.name


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
    late = _over_budget(facts, outcomes)
    if late:
        first += f"\n{plural(late, 'picture')} took longer than wanted"
    return (
        f"{first}\n{_models_text(facts, outcomes)} on {facts.upscaler.backend_name}, {threads}, "
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
    return "\n".join([*lines, f"dry run with {facts.model}: {counts}; nothing was written"])


def _planned_line(outcome: Outcome) -> str:
    task = outcome.task
    if outcome.message is not None:
        return f"{task.source}: {outcome.status}"
    extra = "" if task.class_map is None else f", {task.class_map}"
    return f"{task.source} {outcome.input_size} -> {task.target} {outcome.output_size}{extra}"


def _models_text(facts: RunFacts, outcomes: Sequence[Outcome]) -> str:
    """Name the model, or the rungs that ran."""
    rungs = sorted({outcome.rung for outcome in outcomes if outcome.rung is not None})
    return ", ".join(rungs) or facts.model


def _over_budget(facts: RunFacts, outcomes: Sequence[Outcome]) -> Optional[int]:
    """Count the pictures that took longer than the budget; None where there is none."""
    if facts.budget_ms is None:
        return None
    times = (outcome.times_ms.get("upscale", 0.0) for outcome in outcomes)
    return sum(ms > facts.budget_ms for ms in times)


def _model_entry(facts: RunFacts) -> Dict[str, Any]:
    manifest = None if facts.bundle is None else facts.bundle.manifest
    return {
        "name": facts.model,
        "folder": None if facts.bundle is None else facts.bundle.folder,
        "scale": None if manifest is None else manifest.scale,
        "classes": None if manifest is None else len(manifest.classes),
        "precision": facts.precision,
    }


def as_json(facts: RunFacts, outcomes: Sequence[Outcome], exit_code: int) -> str:
    """Return the document."""
    total = totals(outcomes)
    content = {
        "exit_code": exit_code,
        "interrupted": facts.interrupted,
        "dry_run": facts.upscaler is None,
        "model": _model_entry(facts),
        "backend": None if facts.upscaler is None else facts.upscaler.backend_name,
        "backend_choice": None if facts.upscaler is None else facts.upscaler.backend_choice,
        "threads": None if facts.upscaler is None else facts.upscaler.threads,
        "settings": facts.settings,
        "ladder": None if facts.choosing is None else facts.choosing.as_dict(),
        "summary": {
            "done": total.done,
            "failed": total.failed,
            "skipped": total.skipped,
            "not_begun": total.planned,
            "seconds": round(facts.seconds, 6),
            "megapixels": total.megapixels,
            "megapixels_per_second": round(_speed(facts, total), 3),
            "class_fractions": total.fractions or None,
            "over_budget": _over_budget(facts, outcomes),
        },
        "files": [outcome.as_dict() for outcome in outcomes],
    }
    return reports.document("upscale", content)
