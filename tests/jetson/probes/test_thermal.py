"""Temperatures by thermal zones."""

from __future__ import annotations

import pytest
from support.fake_machine import XAVIER, plant

from pcsr_edge.jetson.probes.thermal import temperatures_c
from pcsr_edge.jetson.tree import Tree


def zones(*types_and_temps):
    pairs = enumerate(types_and_temps)
    names = {i: f"sys/class/thermal/thermal_zone{i}" for i in range(len(types_and_temps))}
    files = {}
    for i, (name, temp) in pairs:
        files.update({f"{names[i]}/type": name, f"{names[i]}/temp": temp})
    return files


def test_constant_and_switched_off_sensors_are_left_out(tmp_path):
    assert temperatures_c(Tree(plant(tmp_path, XAVIER))) == {"CPU-therm": 41.5}


def test_of_one_name_the_hottest(tmp_path):
    tree = Tree(plant(tmp_path, zones(("acpitz", "40000"), ("acpitz", "61000"))))
    assert temperatures_c(tree) == {"acpitz": 61}


@pytest.mark.parametrize("text", ["", "hot", "999999999", "1.5"])
def test_what_is_no_temperature(tmp_path, text):
    assert temperatures_c(Tree(plant(tmp_path, zones(("cpu", text))))) == {}
