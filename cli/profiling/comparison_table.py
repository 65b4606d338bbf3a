"""How `compare` shows two profiles: as a table, as JSON."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Sequence, Tuple

from pcsr_edge.calib.profiling import ComparedCase, Comparison, ReadProfile
from pcsr_edge.cli import reports
from pcsr_edge.cli.profiling.markdown import markdown_table

TEST = (
    "ratio: medians, B by A, with the interval that holds it with 95 % confidence (bootstrap of "
    "blocks\nof successive frames); noise: the interval holds 1, or the ratio is within 1 % of it"
)


def as_text(
    first: ReadProfile, second: ReadProfile, found: Comparison, *, stages: bool = False
) -> str:
    """Return the table, and what else differs."""
    parts = [_origin("A", first) + "\n" + _origin("B", second)]
    if found.changed:
        parts.append("differs: " + "; ".join(found.changed))
    rows = [_row(case) for case in found.cases]
    parts.append(markdown_table(["case", "A ms", "B ms", "ratio", "95 %", "B is"], rows))
    if stages:
        parts += [f"{case.name}\n\n{_stages(case)}" for case in found.cases]
    parts.append(TEST)
    for name, missing in (("A", found.only_first), ("B", found.only_second)):
        if missing:
            parts.append(f"only in {name}: {'; '.join(missing)}")
    return "\n\n".join(parts)


def as_json(first: ReadProfile, second: ReadProfile, found: Comparison) -> str:
    """Return the document that `--json` prints."""
    content = {
        "first": _profile(first),
        "second": _profile(second),
        "changed": found.changed,
        "cases": [case.as_dict() for case in found.cases],
        "only_first": found.only_first,
        "only_second": found.only_second,
    }
    return reports.document("compare", content)


def _profile(profile: ReadProfile) -> Dict[str, Any]:
    return {
        "file": profile.path,
        "created": profile.created,
        "machine": profile.machine,
        "cautions": profile.cautions,
    }


def _origin(name: str, profile: ReadProfile) -> str:
    text = f"{name}: {profile.path}, {profile.created}"
    return f"{text}; doubtful: {'; '.join(profile.cautions)}" if profile.cautions else text


def _row(case: ComparedCase) -> List[str]:
    ratio = case.ratio
    interval = f"{ratio.low:.3f}–{ratio.high:.3f}"
    verdict = case.verdict if ratio.exceeds_noise else "noise"
    times = [f"{case.first_ms:.2f}", f"{case.second_ms:.2f}"]
    return [case.name, *times, f"{ratio.value:.3f}", interval, verdict]


def _stages(case: ComparedCase) -> str:
    rows = [[name, *_pair(pair)] for name, pair in case.stages_ms.items()]
    return markdown_table(["stage", "A ms", "B ms", "ratio"], rows)


def _pair(pair: Tuple[Optional[float], Optional[float]]) -> Sequence[str]:
    one, other = pair
    texts = ["-" if value is None else f"{value:.2f}" for value in pair]
    both = one is not None and other is not None and one > 0
    return [*texts, f"{other / one:.3f}" if both and one and other is not None else "-"]
