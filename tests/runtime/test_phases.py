"""Results by phase become pixels as a pixel shuffle would make them."""

from __future__ import annotations

import numpy as np
import pytest

from pcsr_edge.runtime.phases import write_phases


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_phases_are_shuffled(scale: int) -> None:
    phases = np.random.default_rng(0).random((3 * scale**2, 5, 7)).astype(np.float32)
    out = np.empty((5 * scale, 7 * scale, 3), dtype=np.float32)
    write_phases(phases.copy(), out)
    split = phases.reshape(3, scale, scale, 5, 7)
    for y, x in ((0, 0), (scale, 2), (5 * scale - 1, 7 * scale - 1)):
        expected = split[:, y % scale, x % scale, y // scale, x // scale]
        np.testing.assert_array_equal(out[y, x], expected)


@pytest.mark.parametrize(("dtype", "white"), [("uint8", 255), ("uint16", 65535), ("float32", 1)])
def test_values_are_clipped_and_rounded(dtype: str, white: int) -> None:
    phases = np.repeat(np.float32([-0.5, 0.5, 1.5]), 4).reshape(12, 1, 1)
    out = np.zeros((2, 2, 3), dtype=dtype)
    write_phases(phases, out)
    middle = 0.5 if white == 1 else (white + 1) // 2
    np.testing.assert_array_equal(out, np.broadcast_to([0, middle, white], (2, 2, 3)))


def test_only_the_view_is_written() -> None:
    picture = np.full((6, 6, 3), 9, dtype=np.uint8)
    write_phases(np.zeros((12, 2, 1), dtype=np.float32), picture[1:5, 2:4])
    assert (picture[1:5, 2:4] == 0).all()
    assert (picture == 9).sum() == 6 * 6 * 3 - 4 * 2 * 3
