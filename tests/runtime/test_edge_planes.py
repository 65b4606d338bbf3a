"""Planes of video through an edge-SR network."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any, Tuple

import numpy as np
import pytest
from support.fake_edge import FakeEdge
from support.fake_plain import FakePlain

from pcsr_edge.errors import UsageError
from pcsr_edge.runtime.bicubic import resize
from pcsr_edge.runtime.colour import Range
from pcsr_edge.runtime.sampling import Siting
from pcsr_edge.runtime.upscaler import Upscaler
from pcsr_edge.runtime.yuv import YuvFormat


def frame(height: int, width: int, bits: int = 8) -> Tuple[Any, Any, Any]:
    rng, dtype = np.random.default_rng(5), np.uint8 if bits == 8 else np.uint16
    half = (height + 1) // 2, (width + 1) // 2
    y, cb, cr = (
        rng.integers(0, 2**bits, size, dtype=dtype) for size in ((height, width), half, half)
    )
    return y, cb, cr


@pytest.fixture(name="model")
def _model() -> FakeEdge:
    return FakeEdge(scale=3)


@pytest.fixture(name="up")
def _up(model: FakeEdge, tmp_path: Path) -> Upscaler:
    return Upscaler(model.bundle(tmp_path), model.backend(), threads=2)


@pytest.mark.parametrize("size", [(1, 1), (8, 6), (7, 9)])
def test_luma_goes_through_the_network(
    model: FakeEdge, up: Upscaler, size: Tuple[int, int]
) -> None:
    y, cb, cr = frame(*size)
    got = up.upscale_planes(y, cb, cr).y
    expected = model.upscale(y.astype(np.float32) / 255) * 255
    assert got.dtype == np.uint8
    assert np.abs(got - np.clip(expected, 0, 255)).max() <= 0.51


@pytest.mark.parametrize("bits", [10, 12, 16])
def test_luma_of_more_bits_keeps_them(model: FakeEdge, up: Upscaler, bits: int) -> None:
    y, cb, cr = frame(12, 10, bits)
    got = up.upscale_planes(y, cb, cr, YuvFormat(bits=bits)).y
    unit = 255 * 2 ** (bits - 8)
    expected = np.clip(model.upscale(y.astype(np.float32) / unit) * unit, 0, 2**bits - 1)
    assert got.dtype == np.uint16
    assert np.abs(got - expected).max() <= 0.51 + 2**bits * 1e-6


def test_luma_of_full_range_is_brought_to_studio_range(model: FakeEdge, up: Upscaler) -> None:
    y, cb, cr = frame(12, 10)
    got = up.upscale_planes(y, cb, cr, YuvFormat(swing=Range.FULL)).y
    studio = model.upscale((y.astype(np.float32) * 219 / 255 + 16) / 255)
    assert np.abs(got - np.clip((studio * 255 - 16) * 255 / 219, 0, 255)).max() <= 0.52


@pytest.mark.parametrize("size", [(1, 1), (8, 6), (7, 9), (5, 4)])
@pytest.mark.parametrize("siting", list(Siting))
def test_chroma_is_enlarged_by_bicubic_at_its_siting(
    up: Upscaler, size: Tuple[int, int], siting: Siting
) -> None:
    y, cb, cr = frame(*size)
    got = up.upscale_planes(y, cb, cr, YuvFormat(siting=siting))
    half = (size[0] * 3 + 1) // 2, (size[1] * 3 + 1) // 2
    scale = (Fraction(3), Fraction(3))
    assert np.array_equal(got.cb, resize(cb, half, scale=scale, siting=siting))
    assert np.array_equal(got.cr, resize(cr, half, scale=scale, siting=siting))


def test_the_given_planes_are_not_changed(up: Upscaler) -> None:
    planes = frame(9, 8)
    copies = [plane.copy() for plane in planes]
    up.upscale_planes(*planes, YuvFormat(swing=Range.FULL))
    assert all(np.array_equal(plane, copy) for plane, copy in zip(planes, copies))


def test_a_model_of_rgb_refuses_planes(tmp_path: Path) -> None:
    model = FakePlain()
    with Upscaler(model.bundle(tmp_path), model.backend()) as up, pytest.raises(
        UsageError, match="planes of video need a model of method edge-sr"
    ):
        up.upscale_planes(*frame(4, 4))


def _wrong(y: Any, cb: Any, cr: Any, bits: int = 8) -> Tuple[Any, Any, Any, YuvFormat]:
    return y, cb, cr, YuvFormat(bits=bits)


Y, CB, CR = frame(6, 6)
WRONG = {
    "chroma-size": (_wrong(Y, CB[:2], CR), "plane cb is 3x2, expected 3x3"),
    "chroma-444": (_wrong(Y, Y, Y), "plane cb is 6x6, expected 3x3"),
    "dtype": (_wrong(Y.astype(np.uint16), CB, CR), "plane y is uint16"),
    "depth": (_wrong(Y, CB, CR, 10), "expected a two-dimensional array of uint16"),
    "bits": (_wrong(Y, CB, CR, 7), "codes of 7 bit are not known"),
    "rank": (_wrong(Y[None], CB, CR), "plane y is uint8 (1, 6, 6)"),
    "list": (_wrong([[1]], CB, CR), "plane y is <class 'list'>"),
    "empty": (_wrong(Y[:0], CB[:0], CR[:0]), "it holds no pixel"),
}


@pytest.mark.parametrize(("arguments", "message"), WRONG.values(), ids=WRONG.keys())
def test_planes_that_do_not_fit_are_refused(up: Upscaler, arguments: Any, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        up.upscale_planes(*arguments)
    assert message in str(caught.value)
