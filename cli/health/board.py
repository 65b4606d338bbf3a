"""Checks of the board: its system, power mode, clocks and sensors."""

from __future__ import annotations

from typing import Optional

from pcsr_edge.cli.health.finding import NO_COMMAND, OK, PROBLEM, WARNING, Finding
from pcsr_edge.jetson import Conditions, Power
from pcsr_edge.jetson.board import JETSON, RASPBERRY_PI, Board

JETPACK_UNKNOWN = "of a JetPack that is not known here"
MACHINES = ("x86_64", "AMD64", "aarch64", "arm64")
"""Processors for which there are wheels of ONNX Runtime."""


def check_system(board: Board, machine: str) -> Finding:
    """Report the board and its system.

    Args:
        board: what `read_board` says.
        machine: as `platform.machine()` gives it, e.g. `aarch64`.
    """
    parts = [board.name, board.system, machine]
    if board.l4t is not None:
        jetpack = JETPACK_UNKNOWN if board.jetpack is None else f"of JetPack {board.jetpack}"
        parts.append(f"L4T {board.l4t} {jetpack}")
    text = ", ".join(part for part in parts if part)
    if machine not in MACHINES:
        return Finding(
            "system",
            PROBLEM,
            f"{text}: there is no ONNX Runtime for this processor; {NO_COMMAND}: on a Raspberry "
            "Pi write a 64-bit system to the card",
        )
    return Finding("system", OK, text)


def check_clocks(board: Board, conditions: Conditions) -> Finding:
    """Report clocks and governor; on a Jetson they decide how fast everything is."""
    clocks = ", ".join(f"{name} {mhz:.0f} MHz" for name, mhz in conditions.clocks_mhz.items())
    text = clocks or "unknown"
    if conditions.governor is not None:
        text += f", governor {conditions.governor}"
    if conditions.clocks_pinned is None:
        return Finding("clocks", OK, text)
    if conditions.clocks_pinned:
        return Finding("clocks", OK, f"{text}, pinned to the maximum")
    if board.kind == JETSON:
        text += ": not pinned, so the first pictures are slow"
        return Finding("clocks", WARNING, text, "sudo jetson_clocks")
    return Finding("clocks", OK, f"{text}, not pinned")


def check_power_mode(conditions: Conditions) -> Optional[Finding]:
    """Report the power mode of a Jetson, None elsewhere."""
    mode, maximum = conditions.power_mode, conditions.power_mode_maximum
    if mode is None:
        return None
    if maximum is None or mode == maximum:
        return Finding("power mode", OK, mode)
    return Finding(
        "power mode",
        WARNING,
        f"{mode}, which is slower than {maximum}",
        f"sudo nvpmodel -m {conditions.power_mode_maximum_number}",
    )


def check_throttling(board: Board, conditions: Conditions) -> Optional[Finding]:
    """Report what slows the machine down, None where it does not tell."""
    if conditions.throttled is None:
        if board.kind != RASPBERRY_PI:
            return None
        return Finding(
            "throttling",
            WARNING,
            "vcgencmd tells nothing: it is missing, or this user is not in the group video",
            "sudo usermod -aG video $USER",
        )
    if conditions.throttled:
        return Finding(
            "throttling",
            WARNING,
            f"slowed down now by {', '.join(conditions.throttled)}; {NO_COMMAND}: cool it, or feed "
            "it better",
        )
    if conditions.throttled_before:
        before = ", ".join(conditions.throttled_before)
        return Finding("throttling", OK, f"none now; since the start there was {before}")
    return Finding("throttling", OK, "none")


def check_power(board: Board, power: Optional[Power]) -> Optional[Finding]:
    """Report the sensor of a Jetson's power, None elsewhere."""
    if board.kind != JETSON:
        return None
    if power is None:
        return Finding(
            "power",
            WARNING,
            "the power cannot be read, so there is no energy per frame",
            "sudo chmod a+r /sys/bus/i2c/drivers/ina3221*/*/hwmon/hwmon*/*_input",
        )
    return Finding("power", OK, f"{power.total_w:.1f} W by {power.source}")
