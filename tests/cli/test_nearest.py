"""Repeated pixels."""

from __future__ import annotations

import numpy as np

from pcsr_edge.cli.nearest import nearest


def test_every_pixel_becomes_a_block():
    lr = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    assert np.array_equal(nearest(lr, (4, 6)), lr.repeat(2, axis=0).repeat(3, axis=1))


def test_sizes_need_not_divide():
    lr = np.arange(9, dtype=np.uint8).reshape(1, 3, 3)
    assert list(nearest(lr, (1, 5))[0, :, 0]) == [0, 0, 3, 3, 6]
