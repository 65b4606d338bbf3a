"""Which machine this is."""

from __future__ import annotations

import pytest
from support.fake_machine import PI_5, XAVIER, plant

from pcsr_edge.jetson.board import jetpack_of, l4t_release, read_board
from pcsr_edge.jetson.tree import Tree


def test_a_xavier(tmp_path):
    assert read_board(Tree(plant(tmp_path, XAVIER))) == (
        "jetson",
        "Jetson-AGX",
        "Ubuntu 20.04.6 LTS",
        "5.10.120-tegra",
        "35.4.1",
        "5.1.2",
    )


def test_a_jetson_whose_container_hides_the_release(tmp_path):
    files = {"proc/device-tree/model": "NVIDIA Jetson AGX Orin Developer Kit\0"}
    board = read_board(Tree(plant(tmp_path, files)))
    assert (board.kind, board.l4t) == ("jetson", None)


def test_a_pi(tmp_path):
    board = read_board(Tree(plant(tmp_path, PI_5)))
    assert (board.kind, board.name) == ("raspberry-pi", "Raspberry Pi 5 Model B Rev 1.0")


@pytest.mark.parametrize(
    "files",
    [
        {"proc/sys/kernel/osrelease": "5.15.148-tegra\n"},
        {"sys/class/devfreq/17000000.gv11b/cur_freq": "670000000\n"},
        {"sys/class/devfreq/17000000.ga10b/cur_freq": "670000000\n"},
    ],
    ids=["kernel", "Xavier", "Orin"],
)
def test_a_jetson_whose_container_hides_all_files_of_the_board(tmp_path, files):
    hidden = {"proc/cpuinfo": "model name\t: ARMv8 Processor rev 1 (v8l)\n"}
    board = read_board(Tree(plant(tmp_path, {**hidden, **files})))
    assert (board.kind, board.name) == ("jetson", "NVIDIA Jetson")


def test_a_jetson_whose_container_was_given_its_name(tmp_path):
    board = read_board(Tree(plant(tmp_path, {"tmp/nv_jetson_model": "Jetson-AGX\0"})))
    assert (board.kind, board.name) == ("jetson", "Jetson-AGX")


@pytest.mark.parametrize("hidden", [{}, {"proc/device-tree/model": ""}], ids=["missing", "empty"])
def test_a_pi_whose_container_hides_the_device_tree(tmp_path, hidden):
    cpuinfo = {"proc/cpuinfo": "processor\t: 0\nModel\t\t: Raspberry Pi 4 Model B Rev 1.4\n"}
    board = read_board(Tree(plant(tmp_path, {**cpuinfo, **hidden})))
    assert (board.kind, board.name) == ("raspberry-pi", "Raspberry Pi 4 Model B Rev 1.4")


def test_a_plain_machine_is_called_by_its_processor(tmp_path):
    files = {"proc/cpuinfo": "processor\t: 0\nmodel name\t: AMD EPYC 7B13\n"}
    board = read_board(Tree(plant(tmp_path, files)))
    assert (board.kind, board.name, board.l4t) == ("other", "AMD EPYC 7B13", None)


@pytest.mark.parametrize(
    ("l4t", "jetpack"),
    [
        ("35.4.1", "5.1.2"),
        ("35.6.5", "5"),
        ("36.4.3", "6.2"),
        ("38.4.0", "7.1"),
        ("32.7.4", "4"),
        ("99.1", None),
    ],
)
def test_jetpack_of_a_release(l4t, jetpack):
    assert jetpack_of(l4t) == jetpack


@pytest.mark.parametrize("text", ["", "R35", "# R35 (release)", "release 35", "\0"])
def test_other_text_is_no_release(text):
    assert l4t_release(text) is None


def test_release_of_one_number():
    assert l4t_release("# R38 (release), REVISION: 4, GCID: 1") == "38.4"
