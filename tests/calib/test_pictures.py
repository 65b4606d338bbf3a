from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from pcsr_edge.calib import pictures
from pcsr_edge.calib.pictures import SIDE, judging_pairs, judging_scale
from pcsr_edge.errors import DataError, InputError
from pcsr_edge.runtime.bundle import load_bundle


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(0)

    def save(*sizes):
        for index, (width, height) in enumerate(sizes):
            noise = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
            Image.fromarray(noise).save(tmp_path / f"{index}.png")
        return tmp_path

    return save


def test_without_a_folder_those_that_come_along_are_taken():
    assert [pair.name for pair in judging_pairs(None, 4)] == [
        "photograph",
        "landscape",
        "shapes",
        "strokes",
    ]


def test_pictures_are_cropped_to_the_scale_and_degraded(folder):
    (pair,) = judging_pairs(folder((50, 41)), 3)
    assert pair.name == "0.png"
    assert pair.hr.shape == (39, 48, 3)
    assert pair.lr.shape == (13, 16, 3)


def test_the_middle_of_a_large_picture_is_taken(folder):
    (pair,) = judging_pairs(folder((SIDE + 40, 64)), 4)
    whole = np.asarray(Image.open(folder() / "0.png"))
    np.testing.assert_array_equal(pair.hr, whole[:, 20 : 20 + SIDE])


def test_of_many_pictures_some_are_taken_evenly(folder, monkeypatch):
    monkeypatch.setattr(pictures, "MOST_PICTURES", 3)
    pairs = judging_pairs(folder(*[(32, 32)] * 7), 4)
    assert [pair.name for pair in pairs] == ["0.png", "2.png", "4.png"]


def test_a_picture_that_is_too_small_is_named(folder):
    with pytest.raises(DataError, match=r"1\.png is 31x40, and scale 4 needs 32 pixels"):
        judging_pairs(folder((32, 32), (31, 40)), 4)


def test_a_folder_without_pictures_is_refused(tmp_path):
    with pytest.raises(InputError, match="no picture"):
        judging_pairs(tmp_path, 4)


def test_a_missing_folder_is_refused(tmp_path):
    with pytest.raises(DataError, match="is no folder"):
        judging_pairs(tmp_path / "none", 4)


@pytest.mark.parametrize(("name", "scale"), [("esr-tm-x2", 2), ("bicubic", 4)])
def test_a_model_is_judged_at_its_own_scale(name, scale):
    assert judging_scale(load_bundle(name).manifest) == scale
