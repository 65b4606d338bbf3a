"""Boards: device set-up and telemetry."""

from __future__ import annotations

from pcsr_edge.jetson.caution import Caution, cautions
from pcsr_edge.jetson.conditions import Conditions, conditions
from pcsr_edge.jetson.sample import Power, Sample
from pcsr_edge.jetson.sampler import Sampler, joules

__all__ = [
    "Caution",
    "Conditions",
    "Power",
    "Sample",
    "Sampler",
    "cautions",
    "conditions",
    "joules",
]
