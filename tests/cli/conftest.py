"""What the tests of the commands share."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from PIL import Image

from pcsr_edge.cli.main import main

DATA = Path(__file__).parents[1] / "data"


class Ran(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def tiny_bundle() -> Path:
    """Return the folder of a small bundle with random weights, whose classes are mixed."""
    return DATA / "tiny-pcsr-x4"


@pytest.fixture
def tiny_plain() -> Path:
    """Return the folder of a small bundle of a plain network with random weights."""
    return DATA / "tiny-plain-x4"


@pytest.fixture
def tiny_cascade() -> Path:
    """Return the folder of a small bundle of a cascade with random weights."""
    return DATA / "tiny-cascade-x4"


@pytest.fixture
def data_folder() -> Path:
    """Return the folder of the small bundles."""
    return DATA


@pytest.fixture
def arm(tmp_path) -> Path:
    """Return the folder of a copy of a small bundle of method arm, without a table."""
    return shutil.copytree(DATA / "tiny-arm-x4", tmp_path / "arm")


@pytest.fixture
def cli(capsys):
    """Return a function that runs the command line in this process."""

    def run(*arguments):
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        return Ran(code, *capsys.readouterr())

    return run


@pytest.fixture
def upscale(cli, tiny_bundle):
    """Return a function that runs `upscale` with the tiny model."""

    def run(*arguments):
        return cli("upscale", "-m", tiny_bundle, *arguments)

    return run


@pytest.fixture
def save(tmp_path):
    """Return a function that saves a noisy picture below `tmp_path`."""

    def write(name, width=12, height=10, mode="RGB", **options):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        rng = np.random.default_rng(5)
        noise = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
        Image.fromarray(noise).convert(mode).save(path, **options)
        return path

    return write


@pytest.fixture
def files(tmp_path):
    """Return a function that lists every file below `tmp_path`, relative to it."""

    def names():
        found = (path for path in tmp_path.rglob("*") if path.is_file())
        return sorted(str(path.relative_to(tmp_path)) for path in found)

    return names
