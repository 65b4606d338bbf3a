"""Options of a model that trade quality for time in any steps."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, Callable, Dict, NamedTuple, Optional

from pcsr_edge.runtime.ladder import Rung


class Knob(NamedTuple):
    """One such option: a field of `Rung`."""

    option: str
    place: Callable[[float], float]
    """From a value to its place on a line; farther along frames are faster and worse."""
    value: Callable[[float], float]
    """From a place to the value, rounded to what people write."""

    def place_of(self, rung: Rung) -> float:
        """Return where on the line a rung stands that has the option."""
        return self.place(getattr(rung, self.option))

    def between(self, slow: Rung, fast: Rung, place: float) -> Rung:
        """Return the model at a place between two rungs, its PSNR in dB interpolated."""
        value = self.value(place)
        low, high = self.place_of(slow), self.place_of(fast)
        part = (self.place(value) - low) / (high - low)
        psnr = (1 - part) * (slow.psnr or 0.0) + part * (fast.psnr or 0.0)
        changed: Dict[str, Any] = {self.option: value, "psnr": psnr}
        return replace(slow, **changed)


K = Knob("k", lambda k: k, lambda place: round(place, 3))
# Evaluated values of eta are powers of two, and so far apart in quality about evenly.
ETA = Knob("eta", lambda eta: -math.log2(eta), lambda place: float(f"{2**-place:.3g}"))


def knob_of(rung: Rung) -> Optional[Knob]:
    """Return the option by which a rung can be made faster or better, None without one."""
    if rung.k is not None:
        return K
    # eta 0 is interpolation alone, infinitely far along.
    return ETA if rung.eta else None
