"""Power modes of a Jetson."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.fake_machine import XAVIER, plant, plant_tool

from pcsr_edge.jetson.probes import nvpmodel
from pcsr_edge.jetson.probes.nvpmodel import PowerMode
from pcsr_edge.jetson.tree import Tree


def modes(*names):
    return [PowerMode(number, name) for number, name in enumerate(names)]


def test_answer_of_the_tool(tmp_path):
    answer = "printf 'NV Fan Mode:quiet\\nNV Power Mode: MODE_30W_ALL\\n3\\n'"
    tree = Tree(plant_tool(plant(tmp_path, XAVIER), "nvpmodel", answer))
    assert nvpmodel.power_mode(tree) == (3, "MODE_30W_ALL")


def test_without_the_tool_its_status_tells(tmp_path):
    assert nvpmodel.power_mode(Tree(plant(tmp_path, XAVIER))) == (2, "MODE_15W")


def test_elsewhere_there_is_none(tmp_path):
    assert nvpmodel.power_mode(Tree(tmp_path)) is None


def test_modes_in_comments_do_not_count(tmp_path):
    found = nvpmodel.power_modes(Tree(plant(tmp_path, XAVIER)))
    assert [mode.number for mode in found] == [0, 2, 3]


@pytest.mark.parametrize(
    ("names", "best"),
    [
        (("MAXN", "MODE_10W", "MODE_15W", "MODE_30W_ALL"), "MAXN"),
        (("15W", "25W", "MAXN_SUPER"), "MAXN_SUPER"),
        (("MODE_15W_2CORE", "MODE_20W_2CORE", "MODE_20W_6CORE"), "MODE_20W_6CORE"),
        (("15W", "7W"), "15W"),
        (("MODE_30W_2CORE", "MODE_30W_ALL"), "MODE_30W_ALL"),
    ],
)
def test_mode_that_limits_least(names, best):
    assert nvpmodel.maximum(modes(*names)).name == best


def test_of_no_modes_none_is_best():
    assert nvpmodel.maximum([]) is None


@pytest.mark.parametrize("text", ["NV Power Mode: MAXN", "NV Power Mode:\n0\n", "error", "0\n"])
def test_half_an_answer_is_none(text):
    assert nvpmodel.parse_query(text) is None


@given(st.text(alphabet="NV Power Mode:0123\n<>=IDAME", max_size=80))
def test_any_text_is_read_or_refused(text):
    mode = nvpmodel.parse_query(text)
    assert mode is None or mode.name in text
    assert all(found.name in text for found in nvpmodel.parse_configuration(text))
