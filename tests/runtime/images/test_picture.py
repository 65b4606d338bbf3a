"""The picture with super-resolved pixels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.picture_files import noise

from pcsr_edge.errors import UsageError
from pcsr_edge.runtime.images import Picture, model_input, rejoin, resize_plane


def test_everything_else_is_kept() -> None:
    picture = Picture(noise(2, 3, 3), False, None, b"icc", b"exif", "jpg", ("note",), Path("a.jpg"))
    sr = noise(8, 12, 3)
    result = rejoin(picture, sr)
    np.testing.assert_array_equal(result.rgb, sr)
    kept = (result.icc, result.exif, result.format, result.notes, result.path, result.alpha)
    assert kept == (b"icc", b"exif", "jpg", ("note",), Path("a.jpg"), None)
    assert result.size == (8, 12)


def test_given_alpha_is_taken() -> None:
    picture = Picture(noise(2, 3, 3), alpha=noise(2, 3, 1)[..., 0])
    alpha = noise(8, 12, 1)[..., 0]
    np.testing.assert_array_equal(rejoin(picture, noise(8, 12, 3), alpha).alpha, alpha)


def test_alpha_is_resized_where_none_is_given() -> None:
    alpha = noise(2, 3, 1)[..., 0]
    result = rejoin(Picture(noise(2, 3, 3), alpha=alpha), noise(8, 12, 3))
    np.testing.assert_array_equal(result.alpha, resize_plane(alpha, (8, 12)))


def test_gray_collapses_to_the_mean() -> None:
    picture = Picture(np.full((1, 1, 3), 9, np.uint8), gray=True)
    result = rejoin(picture, np.array([[[10, 11, 13]]], dtype=np.uint8))
    assert result.rgb.tolist() == [[[11, 11, 11]]]
    assert result.gray


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_gray_is_rounded_once(dtype: Any) -> None:
    white = np.iinfo(dtype).max
    picture = Picture(np.full((1, 1, 3), 9, dtype), gray=True)
    # The mean is 10.53; rounded first it would be that of 10, 10 and 11.
    sr = np.array([[[10.4, 10.4, 10.8]]], np.float32) / np.float32(white)
    assert rejoin(picture, sr).rgb.tolist() == [[[11, 11, 11]]]
    assert rejoin(picture, np.ones((1, 1, 3), np.float32)).rgb.tolist() == [[[white] * 3]]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_every_gray_survives_the_way_to_the_model_and_back(dtype: Any) -> None:
    grays = np.arange(np.iinfo(dtype).max + 1).astype(dtype)
    picture = Picture(np.repeat(grays[:, None, None], 3, axis=2), gray=True)
    given = model_input(picture)
    assert (given.dtype, given.min(), given.max()) == (np.float32, 0, 1)
    np.testing.assert_array_equal(rejoin(picture, given).rgb, picture.rgb)


def test_colour_goes_to_the_model_as_it_is() -> None:
    picture = Picture(noise(2, 3, 3))
    assert model_input(picture) is picture.rgb
    with pytest.raises(UsageError, match="expected uint8"):
        rejoin(picture, noise(8, 12, 3).astype(np.float32))


def test_pixels_become_contiguous() -> None:
    sr = noise(8, 12, 3)[:, ::-1]
    assert rejoin(Picture(noise(2, 3, 3)), sr).rgb.flags.c_contiguous


@pytest.mark.parametrize(
    "sr",
    [noise(8, 12, 3, np.uint16), noise(8, 12, 4), noise(8, 12, 3)[..., 0]],
    ids=["dtype", "channels", "rank"],
)
def test_wrong_pixels_are_refused(sr: Any) -> None:
    with pytest.raises(UsageError, match="expected uint8"):
        rejoin(Picture(noise(2, 3, 3)), sr)


@pytest.mark.parametrize("alpha", [noise(8, 11, 1)[..., 0], noise(8, 12, 1, np.uint16)[..., 0]])
def test_wrong_alpha_is_refused(alpha: Any) -> None:
    picture = Picture(noise(2, 3, 3), alpha=noise(2, 3, 1)[..., 0])
    with pytest.raises(UsageError, match="the alpha plane is"):
        rejoin(picture, noise(8, 12, 3), alpha)


def test_alpha_for_an_opaque_picture_is_refused() -> None:
    with pytest.raises(UsageError, match="has none"):
        rejoin(Picture(noise(2, 3, 3)), noise(8, 12, 3), noise(8, 12, 1)[..., 0])
