"""Clocks, and whether they are pinned."""

from __future__ import annotations

import pytest
from support.fake_machine import XAVIER, plant

from pcsr_edge.jetson.probes import clocks
from pcsr_edge.jetson.tree import Tree

CPU = "sys/devices/system/cpu/cpu{}/cpufreq/{}"
GPU = "sys/class/devfreq/17000000.gv11b/min_freq"
PINNED = {CPU.format(core, "scaling_min_freq"): "2265600\n" for core in range(2)}


def test_clocks_of_a_xavier(tmp_path):
    tree = Tree(plant(tmp_path, XAVIER))
    assert clocks.current_mhz(tree) == {"cpu": 1190.401, "gpu": 670.0, "emc": 1331.2}
    assert clocks.maximum_mhz(tree) == {"cpu": 2265.6, "gpu": 670.0, "emc": 2133.0}
    assert clocks.governor(tree) == "schedutil"


def test_clocks_that_may_fall_are_not_pinned(tmp_path):
    assert clocks.pinned(Tree(plant(tmp_path, XAVIER))) is False


def test_jetson_clocks_pins_all(tmp_path):
    root = plant(tmp_path, {**XAVIER, **PINNED, GPU: "670000000\n"})
    assert clocks.pinned(Tree(root)) is True


def test_a_gpu_that_is_not_pinned_counts(tmp_path):
    assert clocks.pinned(Tree(plant(tmp_path, {**XAVIER, **PINNED}))) is False


@pytest.mark.parametrize(("text", "expected"), [("0", False), ("1", True)])
def test_memory_counts_where_it_is_told(tmp_path, text, expected):
    locked = {f"{clocks.EMC}/mrq_rate_locked": text, GPU: "670000000\n"}
    assert clocks.pinned(Tree(plant(tmp_path, {**XAVIER, **PINNED, **locked}))) is expected


def test_governor_performance_pins(tmp_path):
    files = {CPU.format(0, "scaling_governor"): "performance\n"}
    assert clocks.pinned(Tree(plant(tmp_path, files))) is True


def test_two_governors_are_both_named(tmp_path):
    files = {CPU.format(0, "scaling_governor"): "b", CPU.format(4, "scaling_governor"): "a"}
    assert clocks.governor(Tree(plant(tmp_path, files))) == "a, b"


def test_x86_tells_in_cpuinfo():
    assert clocks.cpuinfo_mhz("cpu MHz\t\t: 2596.148\ncpu MHz\t\t: 3100.5\n") == 3100.5


def test_nothing_known(tmp_path):
    tree = Tree(tmp_path)
    assert (clocks.current_mhz(tree), clocks.maximum_mhz(tree)) == ({}, {})
    assert (clocks.pinned(tree), clocks.governor(tree)) == (None, None)
