"""PSNR and SSIM: by hand, against their definitions, and on the field's pictures."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pcsr_edge.runtime.quality import luma, psnr, psnr_change, ssim
from pcsr_edge.runtime.resample import bicubic, crop_to_multiple, downscale, to_uint8


def flat(value: int, height: int = 20, width: int = 24) -> Any:
    """Return a uint8 RGB image of one gray."""
    return np.full((height, width, 3), value, np.uint8)


def noise(seed: int, height: int = 20, width: int = 24) -> Any:
    """Return a uint8 RGB image of noise."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize(
    ("rgb", "expected"),
    [
        ((0, 0, 0), 16),
        ((255, 255, 255), 235),
        ((255, 0, 0), 81.481),
        ((0, 255, 0), 144.553),
        ((0, 0, 255), 40.966),
    ],
    ids=str,
)
def test_luma_is_bt601_in_studio_swing(rgb: Any, expected: float) -> None:
    assert luma(rgb) == pytest.approx(expected)


def test_psnr_of_a_difference_of_one_level() -> None:
    assert psnr(flat(100), flat(101), "rgb", 0) == pytest.approx(20 * math.log10(255))


def test_luma_psnr_of_black_and_white() -> None:
    assert psnr(flat(0), flat(255), "y", 0) == pytest.approx(20 * math.log10(255 / 219))


@pytest.mark.parametrize("channel", ["y", "rgb"])
def test_equal_images(channel: Any) -> None:
    assert psnr(noise(0), noise(0), channel, 2) == math.inf
    assert ssim(noise(0), noise(0), channel, 2) == pytest.approx(1)


@pytest.mark.parametrize("measure", [psnr, ssim])
def test_shaved_pixels_do_not_count(measure: Any) -> None:
    a, b = noise(0), noise(1)
    other = b.copy()
    other[:3], other[-3:], other[:, :3], other[:, -3:] = 0, 0, 0, 0
    assert measure(a, b, "rgb", 3) == measure(a, other, "rgb", 3)
    assert measure(a, b, "rgb", 2) != measure(a, other, "rgb", 2)


def test_psnr_is_the_definition() -> None:
    a, b = noise(0), noise(1)
    mse = np.mean((a[2:-2, 2:-2].astype(float) - b[2:-2, 2:-2]) ** 2)
    assert psnr(a, b, "rgb", 2) == pytest.approx(10 * math.log10(255**2 / mse))


def test_ssim_of_flat_images_compares_their_means() -> None:
    c1 = (0.01 * 255) ** 2
    expected = (2 * 50 * 90 + c1) / (50**2 + 90**2 + c1)
    assert ssim(flat(50), flat(90), "rgb", 0) == pytest.approx(expected)


def ssim_by_definition(a: Any, b: Any) -> float:
    """Compute SSIM of two planes window by window."""
    x = np.arange(11) - 5
    window = np.exp(-(x[:, None] ** 2 + x[None, :] ** 2) / (2 * 1.5**2))
    window /= window.sum()
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    values = []
    for top in range(a.shape[0] - 10):
        for left in range(a.shape[1] - 10):
            p, q = (i[top : top + 11, left : left + 11].astype(float) for i in (a, b))
            mp, mq = (window * p).sum(), (window * q).sum()
            vp, vq = (window * (p - mp) ** 2).sum(), (window * (q - mq) ** 2).sum()
            cov = (window * (p - mp) * (q - mq)).sum()
            luminance = (2 * mp * mq + c1) / (mp**2 + mq**2 + c1)
            values.append(luminance * (2 * cov + c2) / (vp + vq + c2))
    return float(np.mean(values))


@pytest.mark.parametrize("height", [11, 20, 75], ids=["one-row", "one-strip", "three-strips"])
def test_ssim_is_the_definition(height: int) -> None:
    a = noise(0, height, 13)
    b = to_uint8(0.7 * a + 0.3 * noise(1, height, 13))
    expected = np.mean([ssim_by_definition(a[..., c], b[..., c]) for c in range(3)])
    assert ssim(a, b, "rgb", 0) == pytest.approx(expected)


def test_ssim_of_luma() -> None:
    a, b = noise(0), noise(1)
    expected = ssim_by_definition(luma(a)[1:-1, 1:-1], luma(b)[1:-1, 1:-1])
    assert ssim(a, b, "y", 1) == pytest.approx(expected)


@pytest.mark.parametrize("measure", [psnr, ssim])
@pytest.mark.parametrize(
    ("a", "b", "channel", "shave", "message"),
    [
        pytest.param(flat(0), flat(0, 21), "rgb", 0, "differ in shape", id="shapes"),
        pytest.param(flat(0)[..., 0], flat(0)[..., 0], "y", 0, "expected RGB", id="gray"),
        pytest.param(flat(0), flat(0), "Y", 0, "'y' or 'rgb', got 'Y'", id="channel"),
        pytest.param(flat(0), flat(0), "y", 10, "leaves nothing", id="shaved-away"),
        pytest.param(flat(0), flat(0), "y", -1, "shaving -1", id="negative"),
    ],
)
def test_what_cannot_be_compared(
    measure: Any, a: Any, b: Any, channel: Any, shave: int, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        measure(a, b, channel, shave)


def test_ssim_needs_a_window() -> None:
    with pytest.raises(ValueError, match="needs 11x11 pixels after shaving, got 24x10"):
        ssim(flat(0, 10), flat(0, 10), "y", 0)


def test_a_change_of_psnr_is_that_of_the_judged() -> None:
    assert psnr_change(30.0, 31.5) == -1.5
    assert psnr_change(float("inf"), float("inf")) == 0.0
    assert psnr_change(30.0, float("inf")) == -float("inf")


def test_bicubic_reaches_its_reference_on_set5(shared_data: Path) -> None:
    measured = []
    for path in sorted((shared_data / "test" / "set5" / "x4" / "HR").iterdir()):
        hr = crop_to_multiple(np.asarray(Image.open(path).convert("RGB")), 4)
        sr = to_uint8(bicubic(downscale(hr, 4), (hr.shape[0], hr.shape[1]), (4, 4)))
        measured.append([psnr(sr, hr, "y", 4), psnr(sr, hr, "rgb", 4), ssim(sr, hr, "y", 4)])
    luma_db, rgb_db, similarity = np.mean(measured, axis=0)
    assert luma_db == pytest.approx(28.43, abs=0.005)
    assert rgb_db == pytest.approx(26.70, abs=0.005)
    # As printed with bicubic in the field's tables, e.g. by VDSR (CVPR 2016).
    assert similarity == pytest.approx(0.8104, abs=0.002)
