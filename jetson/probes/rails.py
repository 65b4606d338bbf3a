"""From the rails of a Jetson to what the module draws.

Which rails make up the whole differs from board to board; the names tell the board.
"""

from __future__ import annotations

from typing import Mapping, NamedTuple, Optional, Tuple

from pcsr_edge.jetson.sample import Power

NOT_CONNECTED = "NC"
"""Name of rails that are not wired."""


class Rule(NamedTuple):
    """How the whole follows from rails that are all there."""

    rails: Tuple[str, ...]
    """Those that are added; all of them must be known."""
    what: str
    more: Tuple[str, ...] = ()
    """Added where they are known."""
    estimate: bool = False


RULES = (
    # The others of these boards are parts of it.
    Rule(("VDD_IN",), "VDD_IN"),  # TX1, TX2, Xavier NX, Orin NX, Orin Nano
    Rule(("POM_5V_IN",), "POM_5V_IN"),  # Nano
    Rule(("VIN",), "VIN"),  # Thor
    Rule(("GPU", "CPU", "SOC", "CV", "VDDRQ", "SYS5V"), "six rails"),  # AGX Xavier
    Rule(
        ("VDD_GPU_SOC", "VDD_CPU_CV", "VIN_SYS_5V0"),  # AGX Orin
        "sum of the rails",
        ("VDDQ_VDD2_1V8AO",),
    ),
    # Thor where its input is not told: no source says that these are all.
    Rule(("VDD_GPU", "VDD_CPU_SOC_MSS", "VIN_SYS_5V0"), "sum of the rails", (), True),
)


def module_power(rails_w: Mapping[str, float], sensor: str) -> Optional[Power]:
    """Return what the module draws; None where no rule fits, since a part is no whole.

    Args:
        rails_w: W by rail.
        sensor: who says so, for the report.
    """
    for rule in RULES:
        if all(name in rails_w for name in rule.rails):
            total = sum(rails_w.get(name, 0.0) for name in (*rule.rails, *rule.more))
            return Power(total, f"{sensor}, {rule.what}", dict(rails_w), rule.estimate)
    return None
