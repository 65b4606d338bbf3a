"""Sampling in the background."""

from __future__ import annotations

import threading

import pytest

from pcsr_edge.jetson import Power, Sample, Sampler, joules, sampler


def sample(time_s, watts=None):
    return Sample(time_s, power=None if watts is None else Power(watts, "fake"))


def test_first_and_last_sample_are_taken(tmp_path):
    with Sampler(60, tmp_path) as running:
        pass
    assert len(running.samples) >= 1


def test_leaving_does_not_wait_for_the_interval(tmp_path):
    with Sampler(3600, tmp_path) as running:
        pass
    assert not any(thread.name == "sampler" for thread in threading.enumerate())
    assert running.samples


def test_a_sensor_that_raises_ends_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(sampler, "Sensors", lambda interval, root: 1 / 0)
    with Sampler(0.01, tmp_path) as running:
        pass
    assert running.samples == ()


def test_samples_are_thinned_out_when_there_are_too_many(tmp_path, monkeypatch):
    monkeypatch.setattr(sampler, "MOST_SAMPLES", 4)
    running = Sampler(1, tmp_path)
    for moment in range(5):
        running._keep(sample(moment))
    assert [kept.time_s for kept in running.samples] == [0, 2, 4]


def test_constant_power():
    assert joules((sample(0, 5), sample(10, 5)), 2, 4) == pytest.approx(10)


def test_power_rises_on_a_line_between_samples():
    assert joules((sample(0, 0), sample(10, 10)), 0, 10) == pytest.approx(50)


def test_samples_without_power_are_passed_over():
    assert joules((sample(0, 4), sample(1), sample(2, 4)), 0, 2) == pytest.approx(8)


def test_power_stays_beyond_the_last_sample():
    assert joules((sample(0, 3), sample(1, 3)), 0, 3) == pytest.approx(9)


@pytest.mark.parametrize("samples", [(), (sample(1),), (sample(9, 5),)], ids=["no", "dumb", "late"])
def test_unknown_energy_is_none(samples):
    assert joules(samples, 0, 2) is None
