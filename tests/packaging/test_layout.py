"""The rooms are real folders at the root and relative links in the package."""

from __future__ import annotations

import os

import pytest
from support.tree import ROOMS, ROOT

PACKAGE = ROOT / "src" / "pcsr_edge"


def test_every_folder_of_the_package_is_a_room() -> None:
    folders = {path.name for path in PACKAGE.iterdir() if path.is_dir()} - {"__pycache__"}
    assert folders == set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_room_is_a_relative_link_to_the_root(room: str) -> None:
    assert os.readlink(PACKAGE / room) == f"../../{room}"


@pytest.mark.parametrize("room", ROOMS)
def test_room_is_a_package(room: str) -> None:
    assert (ROOT / room / "__init__.py").is_file()


@pytest.mark.parametrize("room", ROOMS)
def test_every_folder_with_modules_is_a_package(room: str) -> None:
    # Of a folder without __init__.py the wheel would lack the modules.
    folders = {path.parent for path in (ROOT / room).rglob("*.py")}
    assert [folder for folder in folders if not (folder / "__init__.py").is_file()] == []
