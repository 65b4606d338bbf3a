"""The cascade's curve over k: its picture, and the line through the plain networks."""

from __future__ import annotations

from pathlib import Path
from typing import Any, List

import numpy as np
import pytest
from PIL import Image
from support.picture_files import noise
from support.tree import ROOT


@pytest.fixture(name="curve")
def _curve(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(ROOT))
    from benchmarks import cascade_curve

    monkeypatch.setattr(cascade_curve, "TILE", (4, 6))
    return cascade_curve


def flat(folder: Path, count: int) -> List[Path]:
    """Write pictures that are larger than a tile; each has one gray, its number."""
    paths = [folder / f"{number:02}.png" for number in range(count)]
    for number, path in enumerate(paths):
        Image.fromarray(np.full((5, 8, 3), number, np.uint8)).save(path)
    return paths


def test_the_mosaic_holds_the_first_nine_row_by_row(curve: Any, tmp_path: Path) -> None:
    found = curve.mosaic(flat(tmp_path, 11))
    assert (found.shape, found.dtype) == ((12, 18, 3), np.uint8)
    expected = np.arange(9).reshape(3, 3).repeat(4, axis=0).repeat(6, axis=1)
    np.testing.assert_array_equal(found, expected[..., None].repeat(3, axis=2))


def test_a_large_picture_gives_its_middle(curve: Any) -> None:
    picture = noise(10, 20, 3)
    np.testing.assert_array_equal(curve._middle(picture), picture[3:7, 7:13])


def test_a_narrow_picture_is_mirrored_at_its_right(curve: Any) -> None:
    picture = noise(8, 4, 3)
    np.testing.assert_array_equal(curve._middle(picture), picture[2:6][:, [0, 1, 2, 3, 2, 1]])


def test_a_low_picture_is_mirrored_at_its_bottom(curve: Any) -> None:
    picture = noise(3, 8, 3)
    np.testing.assert_array_equal(curve._middle(picture), picture[[0, 1, 2, 1], 1:7])


@pytest.mark.parametrize(
    ("ms", "line"),
    # The middle of a logarithm is the geometric mean; beyond its ends the line is level.
    [(5, 25.0), (10, 25.0), (20, 25.2), (40, 25.4), (80, 25.5), (160, 25.6), (320, 25.6)],
)
def test_the_line_goes_through_the_plain_networks_over_the_logarithm_of_the_time(
    curve: Any, ms: float, line: float
) -> None:
    plain = [("plain-s-x4", 10, 25.0), ("plain-m-x4", 40, 25.4), ("plain-l-x4", 160, 25.6)]
    row = curve.Row("pcsr-fast-x4 k=1", ms, line + 0.07, 24.0, 0.25)
    rows = sorted([row, *(curve.Row(*each, 24.0, None) for each in plain)], key=lambda r: r.ms)
    assert curve.above(row, rows) == pytest.approx(0.07)
