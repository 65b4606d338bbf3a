"""The gate's test pictures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image
from support.tree import ROOT

from pcsr_edge.errors import UsageError
from pcsr_edge.export.pictures import MAX_SIDE, drawn_pictures, make_pairs
from pcsr_edge.runtime.photograph import PHOTOGRAPH, photograph
from pcsr_edge.runtime.resample import downscale


def test_drawn_pictures_are_always_the_same() -> None:
    first, second = drawn_pictures(), drawn_pictures()
    assert list(first) == ["landscape", "shapes", "strokes"]
    assert all(np.array_equal(first[name], second[name]) for name in first)


@pytest.mark.parametrize("name", ["landscape", "shapes", "strokes"])
def test_drawn_pictures_have_contrast(name: str) -> None:
    picture = drawn_pictures()[name]
    assert picture.std() > 20
    assert picture.shape == (144, 192, 3)


def test_the_photograph_is_part_of_the_one_of_the_demo() -> None:
    with Image.open(ROOT / "cli" / "assets" / "photo.png") as whole:
        part = np.asarray(whole.convert("RGB"))[228:372, 336:528]
    assert np.array_equal(photograph(), part)


def test_the_photograph_is_credited() -> None:
    credit = (PHOTOGRAPH.parent / "CREDIT.txt").read_text(encoding="utf-8")
    assert "Rachel Michetti" in credit
    assert "CC0" in credit


def test_our_own_pictures_are_a_photograph_and_drawings() -> None:
    names = [pair.name for pair in make_pairs((), 4)]
    assert names == ["photograph", "landscape", "shapes", "strokes"]


def test_lr_is_the_degraded_hr() -> None:
    for pair in make_pairs((), 3):
        assert np.array_equal(pair.lr, downscale(pair.hr, 3))


def test_own_pictures_replace_the_drawn_ones() -> None:
    (pair,) = make_pairs([np.zeros((50, 61, 3), np.uint8)], 4)
    assert (pair.name, pair.hr.shape, pair.lr.shape) == ("picture 0", (48, 60, 3), (12, 15, 3))


def test_of_a_large_picture_the_middle_is_taken() -> None:
    large = np.zeros((MAX_SIDE + 200, 40, 3), np.uint8)
    large[100 : MAX_SIDE + 100] = 9
    (pair,) = make_pairs([large], 4)
    assert pair.hr.shape == (MAX_SIDE, 40, 3)
    assert (pair.hr == 9).all()


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((64, 64), np.uint8),
        np.zeros((64, 64, 4), np.uint8),
        np.zeros((64, 64, 3), np.float32),
        np.zeros((31, 64, 3), np.uint8),
    ],
    ids=["gray", "alpha", "float", "small"],
)
def test_unfit_pictures_are_refused(image: Any) -> None:
    with pytest.raises(UsageError, match="picture 0"):
        make_pairs([image], 4)
