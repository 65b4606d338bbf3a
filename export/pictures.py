"""What the accuracy gate looks at by default: part of a photograph, and pictures drawn by code."""

from __future__ import annotations

from typing import Callable, Dict, NamedTuple, Sequence, Tuple

import numpy as np
import numpy.typing as npt

from pcsr_edge.errors import UsageError
from pcsr_edge.runtime.photograph import photograph
from pcsr_edge.runtime.resample import crop_to_multiple, downscale

SIZE = (144, 192)
"""Height and width of the photograph and of the drawn pictures."""
MAX_SIDE = 256
"""Of larger pictures the middle is used: the plain network holds every query at once."""
MIN_CELLS = 8
"""Least height and width of the LR picture."""
SUPERSAMPLING = 4

Array = npt.NDArray[np.float64]
Image = npt.NDArray[np.uint8]


class Pair(NamedTuple):
    """A picture and its degraded version."""

    name: str
    """As reports call it."""
    hr: Image
    """uint8 (H, W, 3), H and W multiples of the scale."""
    lr: Image
    """uint8 (H/scale, W/scale, 3)."""


def _noise(shape: Tuple[int, int], slope: float, random: np.random.RandomState) -> Array:
    """Return a field in [0, 1] whose spectrum falls like 1/f^slope, as photographs' do."""
    fy = np.fft.fftfreq(shape[0])[:, None]
    fx = np.fft.rfftfreq(shape[1])[None, :]
    frequency = np.maximum(np.hypot(fy, fx), 1 / max(shape))
    spectrum = np.fft.rfft2(random.standard_normal(shape)) / frequency**slope
    field = np.fft.irfft2(spectrum, shape)
    return np.asarray((field - field.min()) / (field.max() - field.min()))


def _landscape(random: np.random.RandomState) -> Array:
    """Draw colours and textures of a photograph without objects."""
    light = _noise(SIZE, 1.2, random)
    colour = np.stack([_noise(SIZE, 1.8, random) for _ in range(3)], axis=-1)
    return np.asarray(0.65 * light[..., None] + 0.35 * colour)


def _shapes(random: np.random.RandomState) -> Array:
    """Draw overlapping discs and half planes over a gradient: edges at every angle."""
    height, width = (side * SUPERSAMPLING for side in SIZE)
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : width / height : width * 1j]
    canvas = np.stack([0.3 + 0.4 * y, 0.5 - 0.2 * y, 0.3 + 0.3 * x], axis=-1)
    for _ in range(14):
        cy, cx, radius, angle = random.uniform(size=4) * (1, width / height, 0.3, np.pi)
        disc = np.hypot(y - cy, x - cx) < radius + 0.02
        half = (y - cy) * np.cos(angle) > (x - cx) * np.sin(angle)
        canvas[disc & half] = random.uniform(size=3)
    grain = _noise((height, width), 0.5, random)[..., None] - 0.5
    return _shrunk(canvas + 0.1 * grain)


def _strokes(random: np.random.RandomState) -> Array:
    """Draw dark strokes on light ground, in rows, as print has them."""
    height, width = (side * SUPERSAMPLING for side in SIZE)
    canvas = np.full((height, width, 3), 0.92)
    canvas += 0.05 * (_noise((height, width), 1.0, random)[..., None] - 0.5)
    ink = random.uniform(0, 0.3, size=3)
    for top in range(40, height - 140, 156):
        for left in range(40, width - 90, 96):
            for _ in range(3):
                y, x = top + random.randint(96), left + random.randint(64)
                if random.randint(2):
                    canvas[y : y + 15, left : left + 72] = ink
                else:
                    canvas[top : top + 108, x : x + 15] = ink
    return _shrunk(canvas)


def _shrunk(canvas: Array) -> Array:
    """Average blocks of pixels: edges drawn at SUPERSAMPLING come out smooth."""
    n = SUPERSAMPLING
    return np.asarray(canvas.reshape(SIZE[0], n, SIZE[1], n, 3).mean(axis=(1, 3)))


PAINTERS: Dict[str, Callable[[np.random.RandomState], Array]] = {
    "landscape": _landscape,
    "shapes": _shapes,
    "strokes": _strokes,
}


def drawn_pictures() -> Dict[str, Image]:
    """Return name → uint8 (144, 192, 3); the same on every machine."""
    # RandomState, not Generator: NumPy promises that its numbers never change.
    return {
        name: np.clip(np.rint(paint(np.random.RandomState(seed)) * 255), 0, 255).astype(np.uint8)
        for seed, (name, paint) in enumerate(PAINTERS.items())
    }


def make_pairs(images: Sequence[Image], scale: int) -> Tuple[Pair, ...]:
    """Degrade `images` by `scale` (bicubic, MATLAB's way).

    Without any, the photograph and the drawn pictures.

    Raises:
        UsageError: an image is not uint8 RGB, or too small.
    """
    named = {f"picture {i}": image for i, image in enumerate(images)}
    if not named:
        named = {"photograph": photograph(), **drawn_pictures()}
    return tuple(_pair(name, image, scale) for name, image in named.items())


def _pair(name: str, image: Image, scale: int) -> Pair:
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise UsageError(
            f"{name} for the accuracy gate is {image.dtype} {image.shape}, expected uint8 (H, W, 3)"
        )
    hr = crop_to_multiple(_middle(image), scale)
    if min(hr.shape[:2]) < MIN_CELLS * scale:
        raise UsageError(
            f"{name} for the accuracy gate is {image.shape[1]}x{image.shape[0]}, scale {scale} "
            f"needs {MIN_CELLS * scale} pixels each way at least"
        )
    return Pair(name, hr, downscale(hr, scale))


def _middle(image: Image) -> Image:
    top, left = (max(0, side - MAX_SIDE) // 2 for side in image.shape[:2])
    return image[top : top + MAX_SIDE, left : left + MAX_SIDE]
