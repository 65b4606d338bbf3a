"""Sampling along an axis: chroma keeps its place beside luma."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Tuple

import numpy as np
import pytest
from support.bicubic import weights_along

from pcsr_edge.runtime.bicubic import resize
from pcsr_edge.runtime.sampling import Sampling, Siting

PLACES = {"centre": (Siting.CENTRE, (0.5, 0.5)), "left": (Siting.LEFT, (0.5, 0.0))}
PLACES["top-left"] = (Siting.TOP_LEFT, (0.0, 0.0))
"""Siting, and where chroma sample (0, 0) lies among luma samples, from sample (0, 0) on."""


def dense(sampling: Sampling, start: int, stop: int) -> Any:
    """Return taps as a matrix (outputs, inputs)."""
    taps = sampling.taps(start, stop)
    matrix = np.zeros((stop - start, sampling.n_in))
    places = np.clip(taps.indices, 0, sampling.n_in - 1)
    np.add.at(matrix, (np.arange(stop - start)[:, None], places), taps.weights)
    return matrix


@pytest.mark.parametrize("quarters", [1, 2])
@pytest.mark.parametrize("scale", [Fraction(2), Fraction(3), Fraction(5, 2), Fraction(7, 8)])
def test_taps_are_the_definition(scale: Fraction, quarters: int) -> None:
    n_out = round(9 * scale)
    expected = weights_along(9, n_out, scale, Fraction(quarters, 4))
    sampling = Sampling(9, n_out, scale, quarters)
    assert dense(sampling, 0, n_out) == pytest.approx(expected, abs=1e-6)
    assert dense(sampling, 3, 6) == pytest.approx(expected[3:6], abs=1e-6)


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize("scale", [2, 3, 4])
def test_chroma_stays_where_luma_is(name: str, scale: int) -> None:
    siting, (down, across) = PLACES[name]
    # A ramp over the luma samples: chroma of any siting, enlarged, must meet luma enlarged.
    slope = 8.0
    luma = 1000 + slope * np.arange(64)
    chroma = [1000 + slope * (2 * np.arange(32) + first) for first in (down, across)]
    plane = ((chroma[0][:, None] + chroma[1][None]) / 2).astype(np.uint16)
    out = resize(plane, (32 * scale, 32 * scale), siting=siting).astype(float)
    at = [(2 * np.arange(32 * scale) + first + 0.5) / scale - 0.5 for first in (down, across)]
    expected = (
        np.interp(at[0], np.arange(64), luma)[:, None] + np.interp(at[1], np.arange(64), luma)[None]
    ) / 2
    inner = slice(4 * scale, -4 * scale)
    assert np.abs(out - expected)[inner, inner].max() <= 0.5 + 1e-3


@pytest.mark.parametrize("size", [(5, 3), (6, 3)], ids=str)
def test_chroma_of_odd_luma_sizes_keeps_the_scale(size: Tuple[int, int]) -> None:
    # Luma of 5 has 3 chroma samples; enlarged twice, luma of 10 has 5, not 6.
    ramp = np.repeat(np.array([[10, 20, 30]], np.uint8), 3, axis=0)
    twice = (Fraction(2), Fraction(2))
    cut = resize(ramp, size[::-1], scale=twice)
    assert np.array_equal(cut, resize(ramp, (3, 6), scale=twice)[: size[1], : size[0]])
