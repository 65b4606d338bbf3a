"""How far a result may be from its reference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Mapping, Optional

from pcsr_edge.runtime.engines.verdict import ALLOWED_DB


@dataclass(frozen=True)
class Tolerance:
    """What a comparison allows."""

    stage: float
    """Greatest |a - b| / max(1, max |b|) of an output of a graph."""
    psnr_db: float
    """Greatest difference between the PSNR of two frames against the truth."""
    pixel: Optional[int] = None
    """Greatest difference of two frames in 8-bit steps, where their classes agree; None: any."""
    classes: float = 0.0
    """Least share of pixels that get the same class. Where a model decides by blocks, one block of
    a picture may differ in any case."""


TOLERANCES: Mapping[str, Tolerance] = {
    # Two sound ways to the same sum differ in rounding: now and then by a step, or by a class
    # where two are as good as equal.
    "fp32": Tolerance(stage=1e-4, psnr_db=ALLOWED_DB["fp32"], pixel=1, classes=0.999),
    # As the gate of `export` has it: enough to find a graph that computes something else. On the
    # CPU, 99.96 % of the pixels or more get the same class; a GPU also adds up in half precision.
    "fp16": Tolerance(stage=0.1, psnr_db=ALLOWED_DB["fp16"], classes=0.99),
    # A single value may be clipped far away; frames tell more. Classifiers stay in float, and
    # on the CPU no pixel of the shipped models changed its class.
    "int8": Tolerance(stage=1.0, psnr_db=ALLOWED_DB["int8"], classes=0.98),
}
"""Precision → what is allowed where the coarser side has it."""
COARSENESS = ("fp32", "fp16", "int8")
"""Precisions, the finest first."""


def tolerance_for(one: str, other: str, psnr_db: Optional[float] = None) -> Tolerance:
    """Return what two precisions allow.

    Args:
        one: precision of one side.
        other: of the other.
        psnr_db: in place of the usual one.
    """
    usual = TOLERANCES[max(one, other, key=COARSENESS.index)]
    if psnr_db is None:
        return usual
    return Tolerance(usual.stage, psnr_db, usual.pixel, usual.classes)
