"""What makes times doubtful."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pcsr_edge.jetson import Conditions, Sample, cautions

STEADY = [10.0, 10.1, 9.9, 10.0, 10.1]
JETSON = Conditions(
    l4t="35.4.1",
    power_mode="MAXN",
    power_mode_maximum="MAXN",
    power_mode_maximum_number=0,
    clocks_pinned=True,
    throttled=(),
    throttled_before=(),
    cpus=8,
)
QUIET = Sample(0, cpu_load=0.51, own_load=0.5, throttled=(), throttled_before=())


def names(conditions=JETSON, samples=(QUIET,), latencies=STEADY):
    return [caution.name for caution in cautions(conditions, samples, latencies)]


def test_good_conditions():
    assert names() == []


def test_a_machine_that_tells_nothing_is_not_blamed():
    assert names(Conditions(), ()) == []


def test_clocks_that_are_not_pinned():
    (caution,) = cautions(replace(JETSON, clocks_pinned=False), (), STEADY)
    assert (caution.name, caution.mend) == ("clocks", "sudo jetson_clocks")


def test_clocks_of_a_plain_machine_are_mended_otherwise():
    (caution,) = cautions(Conditions(clocks_pinned=False), (), STEADY)
    assert "cpupower" in caution.mend


@pytest.mark.parametrize(
    ("device", "mend"),
    [("NVIDIA Jetson AGX Orin", "jetson_clocks"), ("Raspberry Pi 5 Model B", "scaling_governor")],
)
def test_clocks_of_a_board_are_mended_by_what_it_has(device, mend):
    conditions = Conditions(device=device, clocks_pinned=False)
    (caution,) = cautions(conditions, (), STEADY)
    assert mend in caution.mend


def test_power_mode_below_the_maximum():
    (caution,) = cautions(replace(JETSON, power_mode="MODE_15W"), (), STEADY)
    assert (caution.name, caution.mend) == ("power-mode", "sudo nvpmodel -m 0")


@pytest.mark.parametrize(
    "sample",
    [replace(QUIET, throttled=("under-voltage",)), replace(QUIET, throttled_before=("throttled",))],
    ids=["now", "in between"],
)
def test_throttled_while_measuring(sample):
    assert names(samples=(QUIET, sample)) == ["throttled"]


def test_throttled_when_it_began():
    assert names(replace(JETSON, throttled=("frequency capped",))) == ["throttled"]


def test_throttled_long_before_is_no_news():
    conditions = replace(JETSON, throttled_before=("under-voltage",))
    assert names(conditions, (replace(QUIET, throttled_before=("under-voltage",)),)) == []


def test_unstable_times():
    assert names(latencies=[10, 10, 10, 10, 14]) == ["unstable"]


@pytest.mark.parametrize("latencies", [[], [10, 20], [0, 0, 0, 0, 0]])
def test_too_few_times_are_not_judged(latencies):
    assert names(latencies=latencies) == []


def test_other_load():
    busy = replace(QUIET, cpu_load=0.75)
    assert names(samples=(busy, busy, QUIET)) == ["other-load"]


def test_own_load_is_not_other_load():
    assert names(samples=(replace(QUIET, cpu_load=1.0, own_load=1.0),)) == []


def test_all_count_for_strict():
    conditions = replace(JETSON, clocks_pinned=False, power_mode="MODE_15W")
    assert all(caution.strict for caution in cautions(conditions, (), STEADY))
    assert cautions(conditions, (), STEADY)[0].as_dict()["strict"] is True
