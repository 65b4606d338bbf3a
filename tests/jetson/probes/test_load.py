"""How busy a machine is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.fake_machine import plant

from pcsr_edge.jetson.probes.load import CpuTimes, load_average, parse_stat, share_between
from pcsr_edge.jetson.tree import Tree


def test_idle_and_waiting_are_not_busy():
    # user nice system idle iowait irq softirq steal guest guest_nice
    assert parse_stat("cpu  10 1 5 70 4 1 2 3 9 9\ncpu0 1 2 3 4\n") == CpuTimes(22, 96)


def test_share_is_that_of_the_time_between():
    assert share_between(CpuTimes(10, 100), CpuTimes(35, 150)) == 0.5


@pytest.mark.parametrize("after", [None, CpuTimes(10, 100), CpuTimes(9, 90)])
def test_without_time_there_is_no_share(after):
    assert share_between(CpuTimes(10, 100), after) is None


def test_load_average(tmp_path):
    tree = Tree(plant(tmp_path, {"proc/loadavg": "0.52 0.40 0.30 1/300 42\n"}))
    assert load_average(tree) == 0.52


@given(st.one_of(st.text(), st.text(alphabet="cpu 0123456789-\n", max_size=60)))
def test_any_text_is_read_or_refused(text):
    times = parse_stat(text)
    assert times is None or 0 <= times.busy <= times.total
