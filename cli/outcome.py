"""What became of each picture, and of a whole run."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional, Sequence, Tuple

from pcsr_edge.cli.plan import Task
from pcsr_edge.cli.values import Size

PLANNED, DONE, FAILED, SKIPPED = "planned", "done", "failed", "skipped"


@dataclass
class Outcome:
    """What became of one picture."""

    task: Task
    status: str = PLANNED
    """`planned`, `done`, `failed` or `skipped`."""
    message: Optional[str] = None
    """Why it failed or was skipped."""
    notes: List[str] = field(default_factory=list)
    """What was not kept, each a clause that follows the file's name."""
    exit_code: int = 0
    """Of the error, where it failed."""
    input_size: Optional[Size] = None
    output_size: Optional[Size] = None
    fractions: Tuple[float, ...] = ()
    """Share of the output pixels in each class."""
    tile: int = 0
    """Most LR pixels along a tile's side; 0 where the picture was not cut."""
    tiles: int = 0
    """Number of tiles."""
    rung: Optional[str] = None
    """The rung of the ladder that ran, where the ladder chose."""
    times_ms: Dict[str, float] = field(default_factory=dict)
    """Wall time of `read`, `upscale` and `write`; of `choose` where the ladder chose."""
    stages_ms: Dict[str, float] = field(default_factory=dict)
    """Time of the stages of `upscale`, added up over threads."""

    def as_dict(self) -> Dict[str, Any]:
        """Return the entry that `--json` prints."""
        return {
            "source": self.task.source,
            "target": self.task.target,
            "class_map": self.task.class_map,
            "status": self.status,
            "message": self.message,
            "notes": self.notes,
            "input_size": None if self.input_size is None else self.input_size._asdict(),
            "output_size": None if self.output_size is None else self.output_size._asdict(),
            "class_fractions": self.fractions or None,
            "tile": self.tile,
            "tiles": self.tiles,
            "rung": self.rung,
            "times_ms": {name: round(ms, 3) for name, ms in self.times_ms.items()},
            "stages_ms": {name: round(ms, 3) for name, ms in self.stages_ms.items()},
        }


@dataclass(frozen=True)
class Totals:
    """A whole run in numbers."""

    planned: int
    done: int
    failed: int
    skipped: int
    megapixels: float
    """Output pixels of what is done, in millions."""
    fractions: Tuple[float, ...]
    """Share of all output pixels in each class; empty where nothing is done."""


def totals(outcomes: Sequence[Outcome]) -> Totals:
    """Add up a run."""
    done = [outcome for outcome in outcomes if outcome.status == DONE]
    pixels = [o.output_size.width * o.output_size.height for o in done if o.output_size]
    columns = zip(*(outcome.fractions for outcome in done))
    fractions = tuple(
        sum(n * part for n, part in zip(pixels, column)) / sum(pixels) for column in columns
    )
    counts = Counter(outcome.status for outcome in outcomes)
    return Totals(
        planned=counts[PLANNED],
        done=len(done),
        failed=counts[FAILED],
        skipped=counts[SKIPPED],
        megapixels=sum(pixels) / 1e6,
        fractions=fractions,
    )


def exit_code(outcomes: Sequence[Outcome]) -> int:
    """Return 0 if nothing failed; if all failed alike, the code of that error, else 1."""
    codes = {outcome.exit_code for outcome in outcomes}
    if codes <= {0}:
        return 0
    return codes.pop() if len(codes) == 1 else 1
