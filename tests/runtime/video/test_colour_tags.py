"""What is taken where a stream does not say."""

from __future__ import annotations

import pytest

from pcsr_edge.runtime.colour import Matrix
from pcsr_edge.runtime.video.colour_tags import settle
from pcsr_edge.runtime.video.frame import Tags


@pytest.mark.parametrize(
    ("size", "matrix", "number"),
    [
        ((576, 720), Matrix.BT601, 5),
        ((480, 720), Matrix.BT601, 6),
        ((720, 1280), Matrix.BT709, 1),
        ((432, 1080), Matrix.BT709, 1),
    ],
)
def test_untagged_pictures_go_by_their_size(size, matrix, number) -> None:
    colours = settle(Tags(), size)
    assert colours.matrix is matrix
    assert colours.tags.matrix == number
    assert "no colour matrix is stated" in colours.notes[0]


def test_what_is_stated_is_kept_and_not_remarked() -> None:
    colours = settle(Tags(9, 9, 14), (480, 720))
    assert (colours.matrix, colours.tags, colours.notes) == (Matrix.BT2020, Tags(9, 9, 14), ())


def test_primaries_follow_a_stated_matrix() -> None:
    assert settle(Tags(matrix=1), (480, 720)).tags == Tags(1, 1, 1)


def test_hdr_is_told() -> None:
    assert "HDR (PQ)" in settle(Tags(9, 9, 16), (2160, 3840)).notes[0]


def test_a_matrix_that_rgb_cannot_be_made_with_is_none() -> None:
    assert settle(Tags(8, 1, 1), (2160, 3840)).matrix is None
