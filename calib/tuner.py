"""Finds the best setting that keeps a time budget on this machine, by measuring."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

from pcsr_edge.calib.knob import Knob, knob_of
from pcsr_edge.calib.profiling import Summary, front
from pcsr_edge.runtime.ladder import Rung

NEAR = 2.0
"""A rung that is predicted to take longer than so many budgets is not measured."""
STEPS = 3
"""Halvings of an interval of k or eta."""

Measure = Callable[[Sequence[Rung]], List[Summary]]
"""Times frames of rungs in turns, and returns their milliseconds."""


@dataclass(frozen=True)
class TunedRung:
    """A setting that came into question."""

    rung: Rung
    times: Optional[Summary]
    """Milliseconds of a frame; None where it was left out as far too slow."""
    predicted_ms: Optional[float] = None
    """By the cost table; None for settings that are no rung."""
    estimated: bool = False
    """Whether its PSNR is interpolated between two values of k or eta that were evaluated."""

    def keeps(self, budget_ms: float) -> bool:
        """Return whether nine of ten frames keep the budget."""
        return self.times is not None and self.times.p90 <= budget_ms


@dataclass(frozen=True)
class Tuning:
    """Everything that was looked at, and the choice."""

    rungs: Tuple[TunedRung, ...]
    """Best first."""
    budget_ms: float
    chosen: Optional[TunedRung]
    """The best that keeps the budget; None where none does."""

    @property
    def unbeaten(self) -> Tuple[TunedRung, ...]:
        """The settings that no other beats, fastest first."""
        measured = [(tuned, tuned.times) for tuned in self.rungs if tuned.times is not None]
        kept = front([times.p50 for _, times in measured], [t.rung.psnr for t, _ in measured])
        return tuple(measured[index][0] for index in kept)

    @property
    def fastest(self) -> TunedRung:
        """The one with the shortest median."""
        measured = [(tuned.times.p50, i) for i, tuned in enumerate(self.rungs) if tuned.times]
        return self.rungs[min(measured)[1]]


def tune(
    rungs: Sequence[Rung], budget_ms: float, predict: Callable[[Rung], float], measure: Measure
) -> Tuning:
    """Measure the rungs that come near the budget, then values of k and eta between two rungs.

    Between a value that is too slow and the next that is fast enough, the best one that is fast
    enough is looked for by bisection, as far as it can be better than the best rung so far.

    Args:
        rungs: of one scale, best first.
        budget_ms: milliseconds for a frame.
        predict: what a rung takes by the cost table; may be rough beyond `NEAR` budgets.
        measure: times rungs on the picture in question.
    """
    predicted = {rung: predict(rung) for rung in rungs}
    near = [rung for rung in rungs if predicted[rung] <= NEAR * budget_ms]
    near = near or [min(rungs, key=lambda rung: predicted[rung])]
    times: Dict[Rung, Summary] = dict(zip(near, measure(near)))
    found = [TunedRung(rung, times.get(rung), predicted[rung]) for rung in rungs]
    for gap in _gaps(found, budget_ms):
        best = _best(found, budget_ms)
        if best is None or _psnr(gap.slow) > _psnr(best.rung):
            found += _between(gap, budget_ms, measure)
    found.sort(key=lambda tuned: -_psnr(tuned.rung))
    return Tuning(tuple(found), budget_ms, _best(found, budget_ms))


def _best(found: Sequence[TunedRung], budget_ms: float) -> Optional[TunedRung]:
    kept = [tuned for tuned in found if tuned.keeps(budget_ms)]
    return max(kept, key=lambda tuned: _psnr(tuned.rung), default=None)


class _Gap(NamedTuple):
    """Two rungs of a model, neighbours by the value of a knob, with the budget between them."""

    knob: Knob
    slow: Rung
    fast: Rung


def _gaps(found: Sequence[TunedRung], budget_ms: float) -> List[_Gap]:
    """Return the gaps of all models, those that may bring most first."""
    ladders: Dict[Tuple[str, Knob], List[Tuple[float, TunedRung]]] = {}
    for tuned in found:
        knob = knob_of(tuned.rung)
        if knob is not None:
            place = knob.place_of(tuned.rung)
            ladders.setdefault((tuned.rung.model, knob), []).append((place, tuned))
    gaps: List[_Gap] = []
    for (_, knob), placed in ladders.items():
        ladder = [tuned for _, tuned in sorted(placed, key=lambda entry: entry[0])]
        gaps += [
            _Gap(knob, slow.rung, fast.rung)
            for slow, fast in zip(ladder, ladder[1:])
            if not slow.keeps(budget_ms) and fast.keeps(budget_ms)
        ]
    return sorted(gaps, key=lambda gap: -_psnr(gap.slow))


def _between(gap: _Gap, budget_ms: float, measure: Measure) -> List[TunedRung]:
    low, high = gap.knob.place_of(gap.slow), gap.knob.place_of(gap.fast)
    tried: List[TunedRung] = []
    for _ in range(STEPS):
        middle = (low + high) / 2
        rung = gap.knob.between(gap.slow, gap.fast, middle)
        tuned = TunedRung(rung, measure([rung])[0], estimated=True)
        tried.append(tuned)
        low, high = (low, middle) if tuned.keeps(budget_ms) else (middle, high)
    return tried


def _psnr(rung: Rung) -> float:
    return 0.0 if rung.psnr is None else rung.psnr
