"""Frames that go alone stand upright."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from pcsr_edge.runtime.colour import Matrix
from pcsr_edge.runtime.video.frame import Frame, Tags, VideoFacts
from pcsr_edge.runtime.video.turning import upright
from pcsr_edge.runtime.yuv import Yuv, YuvFormat


class Source:
    """One good frame of three by five pixels, and a lost one."""

    def __init__(self, rotation) -> None:
        form = YuvFormat()
        self.facts = VideoFacts(
            *((3, 5), form, Matrix.BT601, Tags(), Fraction(1, 25)),
            aspect=Fraction(4, 3),
            rotation=rotation,
        )
        self.luma = np.arange(15, dtype=np.uint8).reshape(3, 5)
        self.chroma = np.arange(6, dtype=np.uint8).reshape(2, 3)
        self.closed = False

    def frames(self):
        yield Frame(Yuv(self.luma, self.chroma, self.chroma), 0)
        yield Frame(None, 1, damage="lost")

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize(("rotation", "turns"), [(90, 1), (180, 2), (270, 3), (85, 1)])
def test_pictures_are_turned_to_the_nearest_quarter(rotation, turns) -> None:
    source = Source(rotation)
    turned = upright(source)
    good, lost = turned.frames()
    assert np.array_equal(good.planes.y, np.rot90(source.luma, turns))
    assert np.array_equal(good.planes.cb, np.rot90(source.chroma, turns))
    assert (lost.planes, lost.damage) == (None, "lost")
    assert (turned.facts.size, turned.facts.rotation) == (good.planes.y.shape, 0)
    assert turned.facts.aspect == (Fraction(4, 3) if turns == 2 else Fraction(3, 4))


def test_the_source_is_closed() -> None:
    source = Source(90)
    upright(source).close()
    assert source.closed


def test_what_stands_upright_is_left_alone() -> None:
    source = Source(0)
    assert upright(source) is source


def test_a_mirror_that_is_not_applied_is_told() -> None:
    source = Source(0)
    source.facts = replace(source.facts, mirror=(1, 0, 0, 0, -1, 0, 0, 0, 1))
    facts = upright(source).facts
    assert (facts.mirror, "they are not mirrored" in facts.notes[-1]) == (None, True)
