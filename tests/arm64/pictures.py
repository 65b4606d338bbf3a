"""The picture of the test on arm64, and how two results of it are held against each other."""

from __future__ import annotations

import sys
from typing import List

import numpy as np
from PIL import Image

HEIGHT, WIDTH = 48, 64
LARGEST_DIFFERENCE = 1
"""Levels of 8 bits."""


def draw(path: str) -> None:
    """Write a picture with flat parts, slopes, edges and noise: every class gets work."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    slope = (x * 255 // WIDTH).astype(np.uint8)
    edges = np.where((x // 5 + y // 3) % 2 == 0, 230, 20).astype(np.uint8)
    rings = (127 + 127 * np.sin((x**2 + y**2) / 40)).astype(np.uint8)
    noise = np.random.default_rng(5).integers(0, 256, (HEIGHT, WIDTH), dtype=np.uint8)
    left = np.where(y < HEIGHT // 2, slope, edges)
    right = np.where(y < HEIGHT // 2, rings, noise)
    gray = np.where(x < WIDTH // 2, left, right)
    Image.fromarray(np.stack([gray, gray[::-1], slope], axis=-1)).save(path)


def compare(expected: str, found: str) -> int:
    """Print by how much two pictures differ; return 1 where that is too much."""
    a = np.asarray(Image.open(expected)).astype(int)
    b = np.asarray(Image.open(found)).astype(int)
    if a.shape != b.shape:
        print(f"the sizes differ: {a.shape} and {b.shape}")
        return 1
    difference = np.abs(a - b)
    share = (difference > 0).mean()
    print(f"largest difference {difference.max()} of 255, {share:.4%} of the samples differ")
    return int(difference.max() > LARGEST_DIFFERENCE)


def main(arguments: List[str]) -> int:
    """Do what the first argument says."""
    if arguments[0] == "draw":
        draw(arguments[1])
        return 0
    return compare(arguments[1], arguments[2])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
