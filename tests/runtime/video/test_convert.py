"""Planes to RGB and back."""

from __future__ import annotations

import numpy as np
import pytest

from pcsr_edge.runtime.buffers import Buffers, ByPlane
from pcsr_edge.runtime.codes import to_codes
from pcsr_edge.runtime.colour import Matrix, Range, rgb_to_ycbcr
from pcsr_edge.runtime.sampling import Siting
from pcsr_edge.runtime.video.convert import from_rgb, to_rgb
from pcsr_edge.runtime.yuv import Yuv, YuvFormat

BARS = np.array(
    [[1, 1, 1], [1, 1, 0], [0, 1, 1], [0, 1, 0], [1, 0, 1], [1, 0, 0], [0, 0, 1], [0, 0, 0]],
    np.float32,
)


def colour_bars(form, matrix):
    """Return colour bars, eight pixels wide each: planes, and the RGB they stand for."""
    rgb = np.repeat(np.repeat(BARS[None], 8, axis=1), 16, axis=0)
    planes = rgb_to_ycbcr(rgb, matrix, form.swing)
    codes = [
        to_codes(plane, form.bits, form.swing, chroma=bool(number))
        for number, plane in enumerate(planes)
    ]
    return Yuv(codes[0], codes[1][::2, ::2], codes[2][::2, ::2]), rgb


@pytest.mark.parametrize("matrix", list(Matrix), ids=lambda m: m.name)
@pytest.mark.parametrize("swing", list(Range), ids=lambda r: r.name)
@pytest.mark.parametrize("bits", [8, 10])
def test_colour_bars_have_their_colours(matrix, swing, bits) -> None:
    form = YuvFormat(swing, bits)
    planes, rgb = colour_bars(form, matrix)
    # Amid the bars: chroma of half the size blurs their edges.
    amid = np.s_[:, 4::8]
    np.testing.assert_allclose(to_rgb(planes, form, matrix)[amid], rgb[amid], atol=1.6 / 255)


@pytest.mark.parametrize("siting", list(Siting), ids=lambda s: s.name)
def test_there_and_back_changes_little(siting) -> None:
    form = YuvFormat(siting=siting)
    rows, cols = np.mgrid[0:32, 0:48]
    half = (100 + rows[::2, ::2]).astype(np.uint8), (150 - cols[::2, ::2]).astype(np.uint8)
    planes = Yuv((80 + rows + cols).astype(np.uint8), *half)
    back = from_rgb(to_rgb(planes, form, Matrix.BT709), form, Matrix.BT709)
    for before, after in zip(planes, back):
        inner = np.s_[2:-2, 2:-2]
        assert np.abs(after[inner].astype(int) - before[inner]).max() <= 1


def test_left_chroma_lies_on_even_columns() -> None:
    form = YuvFormat(siting=Siting.LEFT)
    ramp = np.tile(np.arange(110, 142, 2, dtype=np.uint8), (8, 1))
    planes = Yuv(np.full((16, 32), 128, np.uint8), ramp, np.full((8, 16), 128, np.uint8))
    blue = to_rgb(planes, form, Matrix.BT709)[8, :, 2]
    # Chroma rises by 1 per column: even columns carry its samples, odd ones the middle.
    gain = 255 * (2 - 2 * Matrix.BT709.blue) / 224 / 255
    np.testing.assert_allclose(np.diff(blue[4:28]), gain, rtol=0.02)
    luma = (128 - 16) / 219
    np.testing.assert_allclose(blue[8], luma + gain * (118 - 128), atol=0.002)


@pytest.mark.parametrize("size", [(1, 1), (5, 7), (6, 3)])
def test_odd_sizes_are_kept(size) -> None:
    half = np.full(((size[0] + 1) // 2, (size[1] + 1) // 2), 128, np.uint8)
    planes = Yuv(np.full(size, 90, np.uint8), half, half)
    back = from_rgb(to_rgb(planes, YuvFormat(), Matrix.BT601), YuvFormat(), Matrix.BT601)
    assert all(np.array_equal(a, b) for a, b in zip(planes, back))


@pytest.mark.parametrize("by_plane", [False, True])
def test_memory_that_is_used_again_changes_nothing(by_plane) -> None:
    form, kept = YuvFormat(), Buffers()
    memory = ByPlane(kept) if by_plane else kept
    rng = np.random.default_rng(4)
    for rgb in rng.random((3, 26, 34, 3), np.float32):
        planes = from_rgb(rgb, form, Matrix.BT709, memory)
        for found, wanted in zip(planes, from_rgb(rgb, form, Matrix.BT709)):
            np.testing.assert_array_equal(found, wanted)
        found = to_rgb(planes, form, Matrix.BT709, memory)
        np.testing.assert_array_equal(found, to_rgb(planes, form, Matrix.BT709))
