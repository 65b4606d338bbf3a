"""The report of `make gpu-check`."""

from __future__ import annotations

from typing import Any, Dict, List, NamedTuple, Optional

from pcsr_edge.errors import BackendUnavailableError

ABSENT = BackendUnavailableError.exit_code


class Step(NamedTuple):
    """One process."""

    name: str
    """As its files are called, e.g. `plain-s-x4.fp16.engines`."""
    code: int
    """Exit code."""
    seconds: float
    document: Optional[Dict[str, Any]]
    """What it printed; None where that is no JSON."""
    message: str
    """The last line of its messages."""

    @property
    def failed(self) -> bool:
        """Whether it says that something is wrong; a device that is not there is not."""
        return self.code not in (0, ABSENT)

    @property
    def outcome(self) -> str:
        """In a word, or with the reason."""
        if self.code == 0:
            return "passed"
        return f"{'not there' if self.code == ABSENT else 'FAILED'}: {self.message}"

    def to_dict(self) -> Dict[str, Any]:
        """Return plain data for JSON."""
        return self._asdict()


def report(steps: List[Step]) -> str:
    """Render the steps as tables, and the times as `benchmarks.gpu` does."""
    lines = ["# GPU check", "", "| step | seconds | result | accuracy |", "|" + " --- |" * 4]
    lines += [
        f"| {step.name} | {step.seconds:.0f} | {step.outcome} | {_accuracy(step.document)} |"
        for step in steps
    ]
    failed = sum(step.failed for step in steps)
    lines += ["", f"{len(steps)} steps, {failed} failed", ""]
    return "\n".join(lines)


def _accuracy(document: Optional[Dict[str, Any]]) -> str:
    """Return what a step measured against the processor, if it did."""
    if document is None:
        return ""
    if "engines" in document and isinstance(document["engines"], dict):
        found = document["engines"]["accuracy"]
        return (
            f"{document['engines']['built']} built, {found['psnr_change_db']:+.4f} dB, worst pixel "
            f"{found['worst_pixel']}"
        )
    return "; ".join(
        f"{each['side']}: {each['psnr_change_db']:.4f} dB, worst pixel {each['worst_pixel']}"
        for each in document.get("comparisons", [])
    )
