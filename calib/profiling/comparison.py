"""Two profiles side by side: ratios, and whether they exceed the noise."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from pcsr_edge.calib.profiling.noise import Ratio, ratio_of_medians
from pcsr_edge.calib.profiling.profile_reader import Key, ReadCase, ReadProfile
from pcsr_edge.errors import ProfileError

Pair = Tuple[ReadCase, ReadCase]


@dataclass(frozen=True)
class ComparedCase:
    """One case that both profiles have."""

    name: str
    first_ms: float
    """Median of the first profile."""
    second_ms: float
    ratio: Ratio
    """The second by the first."""
    stages_ms: Mapping[str, Tuple[Optional[float], Optional[float]]]
    """Stage → medians of both; None where a profile lacks the stage."""

    @property
    def verdict(self) -> str:
        """One of `slower`, `faster` and `no difference`: the second against the first."""
        if not self.ratio.exceeds_noise:
            return "no difference"
        return "slower" if self.ratio.value > 1 else "faster"

    def as_dict(self) -> Dict[str, Any]:
        """Return the entry that `--json` prints."""
        return {
            "case": self.name,
            "first_ms": self.first_ms,
            "second_ms": self.second_ms,
            "ratio": self.ratio.value,
            "ratio_low": self.ratio.low,
            "ratio_high": self.ratio.high,
            "exceeds_noise": self.ratio.exceeds_noise,
            "verdict": self.verdict,
            "stages_ms": {name: list(pair) for name, pair in self.stages_ms.items()},
        }


@dataclass(frozen=True)
class Comparison:
    """What two profiles have in common, and what not."""

    cases: Tuple[ComparedCase, ...]
    only_first: Tuple[str, ...]
    """Names of cases that the second lacks."""
    only_second: Tuple[str, ...]
    changed: Tuple[str, ...]
    """What else differs: machine, software, picture, tiles and weights, as text."""


def compare(first: ReadProfile, second: ReadProfile, *, any_machine: bool = False) -> Comparison:
    """Compare the cases that two profiles share.

    Args:
        first: the reference.
        second: held against it.
        any_machine: compare even where device or power mode differ. Cases that are the only
            ones of their work are then held against each other whatever runs them.

    Raises:
        ProfileError: they are of different machines or power modes, or share no case.
    """
    if not any_machine:
        _refuse_other_machine(first, second)
    pairs = [(case, second.cases[key]) for key, case in first.cases.items() if key in second.cases]
    if any_machine:
        pairs += _alike(first, second, pairs)
    if not pairs:
        raise ProfileError(
            f"{first.path} and {second.path} have no case in common: {_examples(first)} against "
            f"{_examples(second)}; measure the same models, sizes, threads and backends"
        )
    return Comparison(
        cases=tuple(_compared(*pair) for pair in pairs),
        only_first=_others(first, [one.key for one, _ in pairs]),
        only_second=_others(second, [other.key for _, other in pairs]),
        changed=tuple(_changes(first, second, pairs)),
    )


def _alike(first: ReadProfile, second: ReadProfile, pairs: Sequence[Pair]) -> Iterator[Pair]:
    """Yield further pairs of the same work, where each side has one case of it left."""
    taken = [{one.key for one, _ in pairs}, {other.key for _, other in pairs}]
    left = [
        [case for key, case in profile.cases.items() if key not in keys]
        for profile, keys in zip((first, second), taken)
    ]
    for work in dict.fromkeys(case.work for case in left[0]):
        one, other = ([case for case in cases if case.work == work] for cases in left)
        if len(one) == len(other) == 1:
            yield one[0], other[0]


def _others(profile: ReadProfile, compared: Sequence[Key]) -> Tuple[str, ...]:
    return tuple(case.name for key, case in profile.cases.items() if key not in compared)


def _refuse_other_machine(first: ReadProfile, second: ReadProfile) -> None:
    for name, one in first.machine.items():
        other = second.machine[name]
        if one is not None and other is not None and one != other:
            raise ProfileError(
                f"{first.path} was measured with {name.replace('_', ' ')} {one}, {second.path} "
                f"with {other}; such times say nothing of the software: measure both alike, or "
                "add --any-machine to compare the machines"
            )


def _examples(profile: ReadProfile) -> str:
    names = [case.name for case in profile.cases.values()]
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


def _compared(first: ReadCase, second: ReadCase) -> ComparedCase:
    names = list(dict.fromkeys([*first.stages_ms, *second.stages_ms]))
    return ComparedCase(
        name=first.name if first.name == second.name else f"{first.name} → {second.name}",
        first_ms=statistics.median(first.frames_ms),
        second_ms=statistics.median(second.frames_ms),
        ratio=ratio_of_medians(first.frames_ms, second.frames_ms),
        stages_ms={n: (first.stages_ms.get(n), second.stages_ms.get(n)) for n in names},
    )


def _changes(first: ReadProfile, second: ReadProfile, pairs: Sequence[Pair]) -> List[str]:
    facts = [
        (first.machine, second.machine),
        (first.software, second.software),
        (first.settings, second.settings),
    ]
    found: List[str] = []
    for one, other in facts:
        for name in dict.fromkeys([*one, *other]):
            before, after = one.get(name), other.get(name)
            if before != after:
                found.append(f"{name.replace('_', ' ')}: {before or '-'} → {after or '-'}")
    found += [
        f"weights or table of {case.name}" for case, other in pairs if case.graphs != other.graphs
    ]
    return found
