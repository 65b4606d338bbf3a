"""The colours of classes."""

from __future__ import annotations

import numpy as np
import pytest

from pcsr_edge.cli.class_map import colour, palette
from pcsr_edge.runtime.quality import luma


def test_two_classes_are_orange_and_dark_blue():
    assert palette(2).tolist() == [[255, 149, 41], [20, 33, 84]]


def test_one_class_is_heavy():
    assert palette(1).tolist() == [[255, 149, 41]]


@pytest.mark.parametrize("classes", [2, 3, 5, 16])
def test_colours_grow_darker_towards_light_classes(classes):
    assert (np.diff(luma(palette(classes))) < 0).all()


def test_each_pixel_has_the_colour_of_its_class():
    painted = colour(np.array([[0, 1], [2, 0]], dtype=np.uint8), 3)
    assert painted.dtype == np.uint8
    assert (painted[1, 0] == palette(3)[2]).all()
