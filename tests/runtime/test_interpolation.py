"""Interpolating patches gives what bicubic interpolation of the picture gives."""

from __future__ import annotations

import numpy as np
import pytest

from pcsr_edge.runtime.interpolation import REACH, bicubic_phases
from pcsr_edge.runtime.resample import bicubic


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_phases_are_those_of_the_whole_picture(scale: int) -> None:
    image = np.random.default_rng(0).random((9, 7, 3)).astype(np.float32)
    whole = bicubic(image, (9 * scale, 7 * scale), (scale, scale))
    padded = np.pad(image, ((REACH, REACH), (REACH, REACH), (0, 0)), mode="edge")
    windows = [padded[top : top + 8, 1 : 1 + 9] for top in (0, 5)]
    phases = bicubic_phases(np.stack(windows).transpose(0, 3, 1, 2), scale)
    assert phases.shape == (2, 3 * scale**2, 4, 5)
    split = phases.reshape(2, 3, scale, scale, 4, 5).transpose(0, 4, 2, 5, 3, 1)
    for made, top in zip(split.reshape(2, 4 * scale, 5 * scale, 3), (0, 5)):
        part = whole[top * scale : (top + 4) * scale, scale : 6 * scale]
        np.testing.assert_allclose(made, part, atol=1e-6)


def test_a_patch_is_the_same_to_the_bit_in_any_company() -> None:
    windows = np.random.default_rng(1).random((5, 3, 12, 13)).astype(np.float32)
    together = bicubic_phases(windows, 4)
    np.testing.assert_array_equal(bicubic_phases(windows[3:4], 4), together[3:4])
    part = bicubic_phases(np.ascontiguousarray(windows[:, :, 2:10, 3:12]), 4)
    np.testing.assert_array_equal(part, together[:, :, 2:6, 3:8])
