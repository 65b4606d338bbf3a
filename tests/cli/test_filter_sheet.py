"""Filters as pictures: interleaved in the right order."""

from __future__ import annotations

import numpy as np

from pcsr_edge.cli.filter_sheet import interleaved


def test_a_filter_is_what_a_white_pixel_becomes() -> None:
    scale, taps, size = 2, 3, 7
    kernels = np.random.default_rng(0).random((scale**2, taps, taps)).astype(np.float32)
    lr = np.zeros((size, size), np.float32)
    lr[3, 3] = 1
    padded, sr = np.pad(lr, 1), np.zeros((size * scale, size * scale), np.float32)
    for row, column in np.ndindex(*sr.shape):
        phase = row % scale * scale + column % scale
        top, left = row // scale, column // scale
        part = padded[top : top + taps, left : left + taps]
        sr[row, column] = (part * kernels[phase]).sum()
    # From one cell above to one below the white one.
    assert np.array_equal(interleaved(kernels, scale), sr[4:10, 4:10])
