"""The wheel holds what the tree holds."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from email.message import Message
from email.parser import Parser
from pathlib import Path
from typing import Iterator, Set

import pytest
from support.tree import ROOMS, ROOT, copy_tree

import pcsr_edge

PACKAGE = Path("src", "pcsr_edge")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    """Build a wheel from a copy of the tree, without network."""
    pytest.importorskip("setuptools", "64", reason="the wheel is built by setuptools")
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation"]
    built = subprocess.run(
        [*command, "--no-index", "-w", str(folder), str(copy_tree(folder / "tree"))],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    assert built.returncode == 0, built.stdout
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as archive:
        yield archive


@pytest.fixture(scope="module")
def metadata(wheel: zipfile.ZipFile) -> Message:
    """Read the wheel's METADATA."""
    (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    return Parser().parsestr(wheel.read(name).decode())


def files_below(folder: Path) -> Set[Path]:
    """Return the files below a folder, relative to it, without bytecode and hidden ones."""
    files = {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}
    return {path for path in files if not any(p.startswith((".", "__py")) for p in path.parts)}


def test_wheel_holds_what_the_tree_holds(wheel: zipfile.ZipFile) -> None:
    expected = {path for path in files_below(ROOT / PACKAGE) if path.parts[0] not in ROOMS}
    for room in ROOMS:
        expected |= {Path(room, path) for path in files_below(ROOT / room)}
    names = {Path(name) for name in wheel.namelist() if ".dist-info/" not in name}
    assert names == {Path("pcsr_edge", path) for path in expected}


def test_wheel_holds_the_licence(wheel: zipfile.ZipFile) -> None:
    (name,) = (name for name in wheel.namelist() if name.endswith("/LICENSE"))
    assert wheel.read(name) == (ROOT / "LICENSE").read_bytes()


def test_wheel_has_the_version_of_the_package(metadata: Message) -> None:
    assert metadata["Version"] == pcsr_edge.__version__


def test_base_install_needs_no_torch(metadata: Message) -> None:
    base = [text for text in metadata.get_all("Requires-Dist", []) if "extra ==" not in text]
    assert any(text.startswith("onnxruntime") for text in base)
    assert not any(text.startswith(("torch", "onnx>", "onnx=")) for text in base)


def test_wheel_brings_the_command(wheel: zipfile.ZipFile) -> None:
    (name,) = (name for name in wheel.namelist() if name.endswith("/entry_points.txt"))
    assert "pcsr-edge = pcsr_edge.__main__:main" in wheel.read(name).decode()
