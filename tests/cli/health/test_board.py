"""Checks of the board, on values of boards we do not have."""

from __future__ import annotations

import pytest

from pcsr_edge.cli.health import board as checks
from pcsr_edge.cli.health.finding import OK, PROBLEM, WARNING
from pcsr_edge.jetson import Conditions, Power
from pcsr_edge.jetson.board import Board

XAVIER = Board("jetson", "Jetson-AGX", "Ubuntu 20.04.6 LTS", "5.10", "35.4.1", "5.1.2")
PI = Board("raspberry-pi", "Raspberry Pi 4 Model B")
PC = Board("other", "AMD EPYC")


def test_jetpack_is_named():
    found = checks.check_system(XAVIER, "aarch64")
    assert (found.level, found.text) == (
        OK,
        "Jetson-AGX, Ubuntu 20.04.6 LTS, aarch64, L4T 35.4.1 of JetPack 5.1.2",
    )


def test_a_jetpack_of_the_future_is_fine():
    found = checks.check_system(XAVIER._replace(l4t="50.1", jetpack=None), "aarch64")
    assert (found.level, found.text.endswith(checks.JETPACK_UNKNOWN)) == (OK, True)


@pytest.mark.parametrize("machine", ["armv7l", "i686", "riscv64"])
def test_a_processor_without_wheels_is_a_problem(machine):
    assert checks.check_system(PI, machine).level == PROBLEM


@pytest.mark.parametrize(
    ("board", "pinned", "level", "mend"),
    [
        (XAVIER, False, WARNING, "sudo jetson_clocks"),
        (XAVIER, True, OK, None),
        (PI, False, OK, None),
        (PC, None, OK, None),
    ],
)
def test_clocks_matter_on_a_jetson(board, pinned, level, mend):
    found = checks.check_clocks(board, Conditions(clocks_pinned=pinned))
    assert (found.level, found.mend) == (level, mend)


def test_clocks_and_governor_are_named():
    conditions = Conditions(clocks_mhz={"cpu": 1190.4}, governor="schedutil", clocks_pinned=False)
    text = checks.check_clocks(PC, conditions).text
    assert text == "cpu 1190 MHz, governor schedutil, not pinned"


def test_power_mode_below_the_maximum():
    conditions = Conditions(
        power_mode="15W", power_mode_maximum="MAXN", power_mode_maximum_number=0
    )
    found = checks.check_power_mode(conditions)
    assert (found.level, found.mend) == (WARNING, "sudo nvpmodel -m 0")


@pytest.mark.parametrize("maximum", ["MAXN", None])
def test_power_mode_at_the_maximum(maximum):
    conditions = Conditions(power_mode="MAXN", power_mode_maximum=maximum)
    assert checks.check_power_mode(conditions) == ("power mode", OK, "MAXN", None)


def test_no_power_mode_is_no_finding():
    assert checks.check_power_mode(Conditions()) is None


def test_throttled_now():
    conditions = Conditions(throttled=("under-voltage",), throttled_before=("under-voltage",))
    assert checks.check_throttling(PI, conditions).level == WARNING


def test_throttled_before_is_said():
    conditions = Conditions(throttled=(), throttled_before=("under-voltage",))
    found = checks.check_throttling(PI, conditions)
    assert (found.level, "under-voltage" in found.text) == (OK, True)


def test_never_throttled():
    conditions = Conditions(throttled=(), throttled_before=())
    assert checks.check_throttling(PC, conditions).text == "none"


def test_a_pi_that_may_not_be_asked():
    assert checks.check_throttling(PI, Conditions()).mend == "sudo usermod -aG video $USER"


def test_a_plain_machine_that_tells_nothing():
    assert checks.check_throttling(PC, Conditions()) is None


def test_power_of_a_jetson():
    found = checks.check_power(XAVIER, Power(8.34, "INA3221, six rails"))
    assert (found.level, found.text) == (OK, "8.3 W by INA3221, six rails")


def test_power_that_only_root_may_read():
    assert checks.check_power(XAVIER, None).level == WARNING
    assert checks.check_power(PC, None) is None
