"""The document of a profile."""

from __future__ import annotations

import json
import math

import pytest
from support.fake_profile import measured, profile

from pcsr_edge.calib.profiling import to_json


def test_schema_version_comes_first() -> None:
    names = list(profile().as_dict())
    assert names[:2] == ["schema_version", "command"]


def test_samples_are_dated_like_frames() -> None:
    document = profile().as_dict()
    assert [sample["at_s"] for sample in document["telemetry"]] == [0.0, 1.0, 2.0, 3.0]
    assert document["cases"][0]["frames"][0][0] == 0.0


def test_energy_of_a_frame_of_a_lone_case() -> None:
    found = profile(measured([100.0, 200.0, 100.0, 200.0]), energy_j=45.0)
    assert found.power_w == pytest.approx(15.0)
    assert found.energy_mj == pytest.approx(15.0 * 150.0)


def test_energy_of_several_cases_is_not_told_apart() -> None:
    found = profile(measured([10.0, 10.0]), measured([20.0, 20.0]), energy_j=10.0)
    assert found.power_w == pytest.approx(10.0)
    assert found.energy_mj is None


def test_no_power_no_energy() -> None:
    found = profile(energy_j=None)
    assert (found.power_w, found.energy_mj) == (None, None)


def test_a_lone_frame_has_no_mean_power() -> None:
    assert profile(measured([10.0]), energy_j=0.0).power_w is None


def test_json_has_neither_nan_nor_infinity() -> None:
    text = to_json({"a": math.nan, "b": [math.inf, 1.0], "c": ("x",)})
    assert json.loads(text) == {"a": None, "b": [None, 1.0], "c": ["x"]}
