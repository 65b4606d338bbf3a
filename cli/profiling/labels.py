"""Short names of cases: what tells them apart, and what they have in common."""

from __future__ import annotations

from typing import Callable, Dict, List, Sequence

from pcsr_edge.calib.profiling import Case
from pcsr_edge.cli.tables import plural

_FIELDS: Dict[str, Callable[[Case], str]] = {
    "model": lambda case: case.name,
    "size": lambda case: f"{case.size[1]}x{case.size[0]}",
    "output": lambda case: f"{case.output_size[1]}x{case.output_size[0]}",
    "precision": lambda case: case.precision,
    "backend": lambda case: case.backend,
    "threads": lambda case: plural(case.threads, "thread"),
}


def labels(cases: Sequence[Case]) -> List[str]:
    """Return a name for each case: its model, and whatever else tells cases of it apart."""
    names = ["model"]
    for name in _FIELDS:
        alike = {_FIELDS["model"](case) for case in cases}
        if name != "output" and any(_differs(_of_model(cases, model), name) for model in alike):
            names.append(name)
    return [", ".join(_FIELDS[name](case) for name in names) for case in cases]


def common(cases: Sequence[Case]) -> Dict[str, str]:
    """Return what all cases have in common, by name."""
    return {n: read(cases[0]) for n, read in _FIELDS.items() if not _differs(cases, n)}


def _of_model(cases: Sequence[Case], name: str) -> List[Case]:
    return [case for case in cases if case.name == name]


def _differs(cases: Sequence[Case], name: str) -> bool:
    return len({_FIELDS[name](case) for case in cases}) > 1
