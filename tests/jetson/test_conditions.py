"""Conditions of a measurement, on machines made of files."""

from __future__ import annotations

import json

from support.fake_machine import XAVIER, plant

from pcsr_edge.jetson import Conditions, conditions


def test_conditions_of_a_xavier(tmp_path):
    found = conditions(plant(tmp_path, XAVIER))
    assert (found.device, found.jetpack, found.governor) == ("Jetson-AGX", "5.1.2", "schedutil")
    assert (found.power_mode, found.power_mode_maximum) == ("MODE_15W", "MAXN")
    assert (found.clocks_pinned, found.load_average) == (False, 0.52)
    assert found.temperatures_c == {"CPU-therm": 41.5}


def test_an_empty_machine_tells_nothing(tmp_path):
    found = conditions(tmp_path)
    assert found == Conditions(cpus=found.cpus)


def test_conditions_are_json(tmp_path):
    found = conditions(plant(tmp_path, XAVIER))
    assert json.loads(json.dumps(found.as_dict()))["clocks_mhz"]["gpu"] == 670


def test_this_machine_answers():
    assert conditions().kernel
