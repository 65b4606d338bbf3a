"""The comparison sheet: which crop it shows, and that it can be drawn."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import ImageFont

from pcsr_edge.cli.comparison import CROP, Box, Captions, Views, comparison, telling_crop


def blank(height=600, width=800):
    return np.zeros((height, width, 3), dtype=np.uint8)


def views(pixels):
    return Views(pixels, pixels, pixels, pixels)


def test_crop_lies_where_the_result_differs():
    ours, heavy = blank(), np.zeros((600, 800), dtype=bool)
    ours[300:500, 420:620] = 200
    assert telling_crop(ours, blank(), heavy) == Box(420, 300, CROP)


def test_crop_shows_both_kinds_of_class_where_it_can():
    ours, heavy = blank(), np.zeros((600, 800), dtype=bool)
    # More difference on the left, where all is heavy; on the right half of the pixels are.
    ours[100:300, 0:200], ours[100:300, 500:700] = 200, 100
    heavy[:, :400] = True
    heavy[:, 500:600] = True
    assert telling_crop(ours, blank(), heavy).left > 200


def test_crop_of_a_small_picture_is_the_short_side():
    heavy = np.zeros((40, 30), dtype=bool)
    assert telling_crop(blank(40, 30), blank(40, 30), heavy) == Box(0, 0, 30)


@pytest.mark.parametrize("fractions", [(1.0,), (0.3, 0.7), (0.2, 0.3, 0.5), (0.1, 0.2, 0.3, 0.4)])
def test_sheet_is_drawn_for_any_number_of_classes(fractions):
    captions = Captions("title", "subtitle", "model", fractions)
    sheet = comparison(views(blank()), np.zeros((600, 800), dtype=bool), captions)
    assert sheet.dtype == np.uint8
    assert sheet.shape[1] > 1600


def test_sheet_is_drawn_with_the_font_of_older_pillow(monkeypatch):
    bitmap = (
        ImageFont.load_default_imagefont()
        if hasattr(ImageFont, "load_default_imagefont")
        else ImageFont.load_default()
    )

    def before_10_1():
        return bitmap

    monkeypatch.setattr(ImageFont, "load_default", before_10_1)
    captions = Captions("title", "subtitle", "model", (0.3, 0.7))
    sheet = comparison(views(blank()), np.zeros((600, 800), dtype=bool), captions)
    assert sheet.max() > 200
