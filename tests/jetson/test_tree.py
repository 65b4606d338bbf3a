"""Files and tools below a root."""

from __future__ import annotations

import os

import pytest
from support.fake_machine import plant, plant_tool

from pcsr_edge.jetson import tree as module
from pcsr_edge.jetson.tree import Tree


def test_white_space_and_nul_are_cut_off(tmp_path):
    assert Tree(plant(tmp_path, {"model": "Jetson-AGX\0\n"})).text("model") == "Jetson-AGX"


@pytest.mark.parametrize("name", ["missing", "folder", "folder/file/below", "pipe", "\0"])
def test_what_cannot_be_read_is_none(tmp_path, name):
    plant(tmp_path, {"folder/file": "x"})
    os.mkfifo(tmp_path / "pipe")
    assert Tree(tmp_path).text(name) is None


def test_bytes_that_are_no_text_do_not_matter(tmp_path):
    (tmp_path / "file").write_bytes(b"\xff\xfe5")
    assert Tree(tmp_path).text("file").endswith("5")


def test_long_files_are_cut(tmp_path):
    text = Tree(plant(tmp_path, {"file": "x" * (module.LARGEST_FILE + 5)})).text("file")
    assert len(text) == module.LARGEST_FILE


@pytest.mark.parametrize(("text", "number"), [("-256000\n", -256000), ("7", 7), ("", None)])
def test_numbers(tmp_path, text, number):
    assert Tree(plant(tmp_path, {"file": text})).number("file") == number


@pytest.mark.parametrize("text", ["1.5", "0x10", "1e3", "9" * 21, "1 2", "٣"])
def test_what_is_no_whole_number(tmp_path, text):
    assert Tree(plant(tmp_path, {"file": text})).number("file") is None


def test_paths_are_in_the_order_of_their_numbers(tmp_path):
    plant(tmp_path, {"zone10": "", "zone2": "", "other": ""})
    assert Tree(tmp_path).paths("zone[0-9]*") == ["zone2", "zone10"]


def test_a_root_with_pattern_characters(tmp_path):
    root = plant(tmp_path / "[a]*", {"zone1": ""})
    assert Tree(root).paths("zone*") == ["zone1"]


def test_output_of_a_tool(tmp_path):
    assert Tree(plant_tool(tmp_path, "tool", 'echo "$1"')).output("tool", "word") == "word\n"


def test_a_tool_that_fails_is_none(tmp_path):
    assert Tree(plant_tool(tmp_path, "tool", "echo half; exit 1")).output("tool") is None


def test_a_tool_that_is_missing_is_none(tmp_path):
    assert Tree(tmp_path).output("tool") is None


def test_a_tool_that_is_no_program_is_none(tmp_path):
    plant(tmp_path, {"usr/bin/tool": "\0"})
    (tmp_path / "usr/bin/tool").chmod(0o755)
    assert Tree(tmp_path).output("tool") is None


def test_a_tool_that_hangs_is_none(tmp_path):
    tree = Tree(plant_tool(tmp_path, "tool", "exec sleep 60"), limit_s=0.1)
    assert tree.output("tool") is None


def test_a_tool_that_asks_gets_nothing(tmp_path):
    assert Tree(plant_tool(tmp_path, "tool", "cat; echo done")).output("tool") == "done\n"
