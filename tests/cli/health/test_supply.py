"""Which commands mend a board, and that they fit what it was set up with."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

import pytest
from support.tree import ROOT

from pcsr_edge import installation
from pcsr_edge.cli.health import supply as supply_module
from pcsr_edge.cli.health.supply import JETPACKS, Supply, supply_of
from pcsr_edge.jetson.board import Board

XAVIER = Board("jetson", "Jetson-AGX", "Ubuntu 20.04.6 LTS", "5.10", "35.4.1", "5.1.2")
PI = Board("raspberry-pi", "Raspberry Pi 5", "Debian GNU/Linux 12 (bookworm)")


@pytest.mark.parametrize(
    ("board", "python", "pins"),
    [
        (XAVIER, (3, 8), "jetpack-5.txt"),
        (XAVIER._replace(l4t="35.9.9", jetpack="5"), (3, 8), "jetpack-5.txt"),
        (XAVIER._replace(jetpack="6.2"), (3, 10), "jetpack-6.txt"),
        (XAVIER._replace(jetpack="7.1"), (3, 12), "jetpack-7.txt"),
        (XAVIER._replace(l4t=None, jetpack=None), (3, 8), "jetpack-5.txt"),
        (PI, (3, 11), "raspberry-pi-bookworm.txt"),
        (PI._replace(system="Debian GNU/Linux 13 (trixie)"), (3, 13), "raspberry-pi-trixie.txt"),
    ],
)
def test_pins_of_a_board(board, python, pins):
    assert supply_of(board, python).pins == pins


@pytest.mark.parametrize(
    "board",
    [
        Board("other", "AMD EPYC", "Ubuntu 20.04.6 LTS"),
        PI._replace(system="Debian GNU/Linux 11 (bullseye)"),
        XAVIER._replace(jetpack="4"),
        XAVIER._replace(l4t=None, jetpack=None),
    ],
)
def test_nothing_was_pinned_for_others(board):
    assert supply_of(board, (3, 9)) is None


SUPPLIES = [*JETPACKS.values(), *(supply_of(PI._replace(system=n), (3, 11)) for n in ("bookworm",))]


@pytest.mark.parametrize("supply", SUPPLIES, ids=lambda supply: supply.pins)
def test_the_files_are_there(supply):
    assert (ROOT / "jetson" / "setup" / supply.script).is_file()
    assert (ROOT / "jetson" / "pins" / supply.pins).is_file()


@pytest.mark.parametrize("supply", JETPACKS.values(), ids=JETPACKS)
def test_the_script_advises_the_same_opencv(supply):
    text = (ROOT / "jetson" / "setup" / supply.script).read_text(encoding="utf-8")
    assert f"apt-get install -y {supply.opencv}" in text


def test_an_environment_gets_the_pinned_versions():
    fitted = JETPACKS["5"].fit("pip uninstall -y a && pip install 'numpy<2'", "/home/me/env")
    words = shlex.split(fitted)
    assert words[:5] == ["pip", "uninstall", "-y", "a", "&&"]
    assert words[5:8] == ["pip", "install", "-c"]
    assert Path(words[8]).samefile(ROOT / "jetson/pins/jetpack-5.txt")
    assert words[9:] == ["numpy<2"]


@pytest.mark.parametrize("command", ["pip install numpy", "pip uninstall -y a && pip install b"])
def test_nothing_is_installed_into_the_python_of_the_system(command):
    words = shlex.split(JETPACKS["5"].fit(command, "/usr"))
    assert words[0] == "bash"
    assert Path(words[1]).samefile(ROOT / "jetson/setup/jetpack5.sh")
    assert len(words) == 2


def test_an_installed_copy_names_what_the_script_installs(monkeypatch):
    monkeypatch.setattr(installation, "_PACKAGE", Path("/somewhere/site-packages/pcsr_edge"))
    monkeypatch.setattr(supply_module, "source", lambda: "/my folder/p.whl")
    fitted = JETPACKS["6"].fit("pip install numpy", "/usr")
    assert shlex.split(fitted)[2:] == ["--source", "/my folder/p.whl"]


def test_files_below_the_present_folder_are_named_from_there(monkeypatch):
    monkeypatch.chdir(ROOT)
    assert JETPACKS["7"].fit("pip install a", "/env") == (
        f"pip install -c {os.path.join('jetson', 'pins', 'jetpack-7.txt')} a"
    )


@pytest.mark.parametrize("command", ["sudo jetson_clocks", "pip uninstall -y opencv-python"])
def test_other_commands_stay(command):
    assert Supply("a.sh", "b.txt").fit(command, "/usr") == command


def pinned(supply):
    """Return name → version of a file of pins."""
    text = (ROOT / "jetson" / "pins" / supply.pins).read_text(encoding="utf-8")
    return dict(re.findall(r"^([\w-]+)==(\S+)$", text, re.MULTILINE))


@pytest.mark.parametrize("supply", SUPPLIES, ids=lambda supply: supply.pins)
def test_pins_satisfy_what_mends_ask_for(supply):
    numbers = [int(n) for n in pinned(supply)["onnxruntime"].split(".")]
    assert numbers >= [1, 15]
    assert numbers != [1, 21, 0]
    assert {"numpy", "pillow", "pyvips", "tqdm", "av"} <= set(pinned(supply))


@pytest.mark.parametrize("supply", JETPACKS.values(), ids=JETPACKS)
def test_the_cupy_of_a_jetson_is_pinned_and_named_on_its_page(supply):
    version = pinned(supply)[supply.cupy]
    page = "jetpack-5.md" if supply.pins == "jetpack-5.txt" else "jetpack-6-7.md"
    text = (ROOT / "docs" / "platforms" / page).read_text(encoding="utf-8")
    assert f"{supply.cupy} {version}" in text
