"""`pcsr-edge demo`: four pictures, friendly lines, nobody else's files."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from pcsr_edge.cli.class_map import palette
from pcsr_edge.cli.demo import PHOTO
from pcsr_edge.cli.demonstration import NAMES


@pytest.fixture
def demo(cli, tiny_bundle, save, tmp_path):
    """Return a function that runs `demo` on a small picture, into `out`."""
    photo = save("small.png", 40, 30)

    def run(*arguments):
        options = ("--photo", photo, "-m", tiny_bundle, "-o", tmp_path / "out")
        return cli("demo", *options, *arguments)

    return run


def test_four_pictures(demo, tmp_path):
    ran = demo()
    assert ran.code == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == {*NAMES, "demo.json"}


def test_lines_tell_what_was_done(demo, tmp_path):
    lines = demo().out.splitlines()
    assert 5 <= len(lines) <= 8
    assert "from 40x30 to 160x120" in lines[0]
    assert str(tmp_path / "out" / "comparison.png") in "\n".join(lines)


def test_class_map_is_painted(demo, tmp_path):
    demo()
    with Image.open(tmp_path / "out" / "class_map.png") as image:
        painted = np.asarray(image)
    colours = {tuple(c) for c in painted.reshape(-1, 3)}
    assert colours <= {tuple(c) for c in palette(2)}


def test_earlier_output_is_replaced(demo, tmp_path):
    demo()
    (tmp_path / "out" / "sr.png").write_text("spoiled")
    assert demo("-q").code == 0
    with Image.open(tmp_path / "out" / "sr.png") as image:
        assert image.size == (160, 120)


def test_pictures_of_others_are_not_replaced(demo, save):
    before = save("out/photo.png").read_bytes()
    ran = demo()
    assert ran.code == 1
    assert save("out/photo.png").read_bytes() == before


def test_missing_photo_leaves_nothing(cli, tiny_bundle, tmp_path, files):
    ran = cli("demo", "--photo", tmp_path / "no.png", "-m", tiny_bundle, "-o", tmp_path / "out")
    assert ran.code == 1
    assert files() == []


@pytest.mark.parametrize("size", [(120, 7), (7, 120), (1, 1)])
def test_extreme_pictures(size, cli, tiny_bundle, save, tmp_path):
    photo = save("small.png", *size)
    assert cli("demo", "--photo", photo, "-m", tiny_bundle, "-o", tmp_path / "out").code == 0


def test_photograph_comes_along_with_its_credit():
    with Image.open(PHOTO) as photo:
        assert photo.mode == "RGB"
    assert (PHOTO.parent / "CREDIT.txt").read_text(encoding="utf-8").strip()
