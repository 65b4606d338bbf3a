"""RAPL's counters."""

from __future__ import annotations

import pytest
from support.fake_machine import plant

from pcsr_edge.jetson.probes.rapl import Counter, counters, power_between
from pcsr_edge.jetson.tree import Tree


def zone(name, joules, number="0"):
    folder = f"sys/class/powercap/intel-rapl:{number}"
    return {
        f"{folder}/name": name,
        f"{folder}/energy_uj": str(int(joules * 1e6)),
        f"{folder}/max_energy_range_uj": "1000000000",
    }


def test_packages_and_memory_are_added(tmp_path):
    files = {**zone("package-0", 10), **zone("core", 6, "0:0"), **zone("dram", 2, "0:1")}
    before = counters(Tree(plant(tmp_path, files)))
    files = {**zone("package-0", 30), **zone("core", 9, "0:0"), **zone("dram", 6, "0:1")}
    power = power_between(before, counters(Tree(plant(tmp_path, files))), 2)
    assert power.total_w == pytest.approx((20 + 4) / 2)
    assert power.estimate


def test_the_whole_machine_comes_first(tmp_path):
    tree = Tree(plant(tmp_path, {**zone("package-0", 1), **zone("psys", 1, "1")}))
    before = {name: Counter(0, 1000) for name in counters(tree)}
    power = power_between(before, counters(tree), 1)
    assert (power.total_w, power.source, power.estimate) == (1, "RAPL: psys", False)


def test_counter_that_began_again():
    before, after = {"psys": Counter(999, 1000)}, {"psys": Counter(2, 1000)}
    assert power_between(before, after, 1).total_w == pytest.approx(3)


def test_memory_of_two_processors_counts_twice(tmp_path):
    files = {**zone("dram", 1, "0:0"), **zone("dram", 2, "1:0")}
    assert len(counters(Tree(plant(tmp_path, files)))) == 2


def test_without_rights_there_is_no_counter(tmp_path):
    files = zone("package-0", 1)
    del files["sys/class/powercap/intel-rapl:0/energy_uj"]
    assert counters(Tree(plant(tmp_path, files))) == {}


def test_first_reading_gives_no_power():
    assert power_between({}, {"psys": Counter(1, 2)}, 1) is None
    assert power_between({"psys": Counter(1, 2)}, {"psys": Counter(1, 2)}, 0) is None
