"""Crops for the slider."""

from __future__ import annotations

import io
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from pcsr_edge.calib.profiling import Case
from pcsr_edge.cli.profiling import sample_views as module
from pcsr_edge.cli.profiling.sample_views import sample_views

LR = np.full((20, 30, 3), 100, dtype=np.uint8)


def station(classes=2, size=(20, 30), lr=LR):
    """Return a case whose result is white where it is heavy."""
    class_map = np.full((80, 120), classes - 1, dtype=np.uint8)
    class_map[40:, 60:] = 0
    image = np.where(class_map[..., None] == 0, 255, 100).astype(np.uint8).repeat(3, axis=2)
    fractions = tuple(1 / classes for _ in range(classes))
    result = SimpleNamespace(image=image, class_map=class_map, fractions=fractions)
    workload = SimpleNamespace(picture=lr, upscale=lambda: result)
    case = Case("net", "pcsr", "k=0", size=size, output_size=(80, 120))
    return SimpleNamespace(case=case, workload=workload)


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    monkeypatch.setattr(module, "SIDE", 60)


def opened(data):
    """Return a picture's pixels."""
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)


def test_every_layer_shows_the_same_part():
    (view,) = sample_views([station()])
    assert view.size == (60, 60)
    heavy = opened(view.class_map)[..., 0] > 200
    assert heavy.any()
    assert not heavy.all()
    nearest, bicubic, result = map(opened, view.pixels)
    assert np.array_equal(result[..., 0] > 200, heavy)
    assert abs(nearest - 100).max() <= 2
    assert abs(bicubic - 100).max() <= 2


def test_one_class_has_no_map():
    (view,) = sample_views([station(classes=1)])
    assert view.class_map == b""


def test_colours_are_those_of_the_map():
    (view,) = sample_views([station(classes=3)])
    painted = {"#{:02x}{:02x}{:02x}".format(*p) for p in opened(view.class_map).reshape(-1, 3)}
    assert painted == {view.colours[0], view.colours[2]}


def test_other_sizes_are_left_out():
    found = sample_views([station(), station(size=(10, 15)), station()])
    assert [view.case for view in found] == [0, 2]


def test_no_more_than_a_page_can_bear():
    assert len(sample_views([station()] * 20)) == module.MOST
