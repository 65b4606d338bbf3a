"""Scores of patches, against filters written pixel by pixel."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pcsr_edge.runtime.patch_grid import patch_grid
from pcsr_edge.runtime.patch_scores import edge_scores, gradient_vectors


def picture(height: int = 21, width: int = 17) -> Any:
    rng = np.random.default_rng(2)
    smooth = rng.integers(0, 256, (3, 3, 3)).repeat(7, 0).repeat(6, 1)[:height, :width]
    return np.clip(smooth + rng.integers(-9, 10, smooth.shape), 0, 255).astype(np.uint8)


def gray(image: Any, y: int, x: int) -> int:
    """Gray of 8 bits; outside, the picture is mirrored about its edge pixels."""
    height, width = image.shape[:2]
    y, x = abs(y), abs(x)
    y, x = min(y, 2 * height - 2 - y), min(x, 2 * width - 2 - x)
    return int(np.floor(image[y, x] @ np.array([0.299, 0.587, 0.114]) + 0.5))


def neighbours(image: Any, y: int, x: int) -> Any:
    return np.array([[gray(image, y + dy, x + dx) for dx in (-1, 0, 1)] for dy in (-1, 0, 1)])


LAPLACIAN = np.array([[2, 0, 2], [0, -8, 0], [2, 0, 2]])
SOBEL = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])


def test_the_edge_score_is_the_mean_saturated_laplacian() -> None:
    image, grid = picture(), patch_grid((21, 17), 8, 6)
    scores = edge_scores(image, grid)
    assert scores.shape == (len(grid.rows), len(grid.cols), 1)
    for i, row in enumerate(grid.rows):
        for j, col in enumerate(grid.cols):
            values = [
                min(255, abs(int((neighbours(image, y, x) * LAPLACIAN).sum())))
                for y in range(row.seen.start, row.seen.stop)
                for x in range(col.seen.start, col.seen.stop)
            ]
            assert scores[i, j, 0] == pytest.approx(np.mean(values))


def test_the_gradient_vector_is_mean_and_spread_of_sobel() -> None:
    image, grid = picture(), patch_grid((21, 17), 8, 6)
    vectors = gradient_vectors(image, grid)
    row, col = grid.rows[1].seen, grid.cols[2].seen
    values = []
    for y in range(row.start, row.stop):
        for x in range(col.start, col.stop):
            around = neighbours(image, y, x)
            values.append(np.hypot((around * SOBEL).sum(), (around * SOBEL.T).sum()))
    np.testing.assert_allclose(vectors[1, 2], [np.mean(values), np.std(values)])


@pytest.mark.parametrize("dtype", ["uint16", "float32"])
def test_every_pixel_format_gives_the_same_scores(dtype: str) -> None:
    image, grid = picture(), patch_grid((21, 17), 8, 6)
    white = {"uint16": 65535, "float32": 1}[dtype]
    other = (image.astype(np.float64) / 255 * white).astype(dtype)
    np.testing.assert_allclose(edge_scores(other, grid), edge_scores(image, grid), atol=0.5)


@pytest.mark.parametrize("size", [(1, 1), (1, 5), (5, 1)])
def test_a_tiny_or_flat_picture_scores_nothing(size: Any) -> None:
    image = np.full((*size, 3), 77, np.uint8)
    grid = patch_grid(size, 8, 6)
    assert edge_scores(image, grid).max() == 0
    assert gradient_vectors(image, grid).max() == 0
