"""Training images in memory, degraded on the fly, and random aligned patches of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Iterator, List, Sequence, Tuple, Union

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image, UnidentifiedImageError

from pcsr_edge.runtime.resample import bicubic, crop_to_multiple, downscale
from pcsr_edge.errors import DataError

Uint8Image = npt.NDArray[np.uint8]
SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp"}


@dataclass(frozen=True)
class ImagePair:
    """A truth and its degraded form, both uint8 RGB."""

    hr: Uint8Image
    """(h*scale, w*scale, 3)."""
    lr: Uint8Image
    """(h, w, 3), by MATLAB-style bicubic, rounded to 8 bit."""


def image_files(folder: Union[str, Path]) -> List[Path]:
    """Return the image files under `folder`, recursively, in a stable order.

    Raises:
        DataError: the folder does not exist or holds no image.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise DataError(f"training folder {folder} does not exist; name one with images")
    files = sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES)
    if not files:
        raise DataError(f"folder {folder} holds no image ({', '.join(sorted(SUFFIXES))})")
    return files


def _read(path: Path) -> Uint8Image:
    try:
        with Image.open(path) as image:
            return np.asarray(image.convert("RGB"))
    except (UnidentifiedImageError, OSError) as exc:
        raise DataError(
            f"training image {path} cannot be read ({exc}); remove or replace it"
        ) from exc


def _pairs_of(image: Uint8Image, scale: int, sizes: Sequence[float]) -> Iterator[ImagePair]:
    for size in sizes:
        hr = image
        if size != 1.0:
            shape = (round(image.shape[0] * size), round(image.shape[1] * size))
            resized = bicubic(image, shape, (size, size))
            hr = np.clip(np.floor(resized + 0.5), 0, 255).astype(np.uint8)
        hr = np.ascontiguousarray(crop_to_multiple(hr, scale))
        yield ImagePair(hr, downscale(hr, scale))


def load_pairs(
    folder: Union[str, Path], scale: int, sizes: Sequence[float] = (1.0,)
) -> List[ImagePair]:
    """Read every image under `folder` and degrade it at each of `sizes`.

    Raises:
        DataError: there is no readable image.
    """
    pairs: List[ImagePair] = []
    for path in image_files(folder):
        pairs += _pairs_of(_read(path), scale, sizes)
    return pairs


class PatchSampler:
    """Random patches: uniform over images by area, flipped and transposed at random.

    The patches of a step depend on the seed and the step alone, so that a resumed run sees
    what an uninterrupted one would.
    """

    def __init__(self, pairs: Sequence[ImagePair], patch: int, scale: int, seed: int) -> None:
        self._pairs = [p for p in pairs if min(p.lr.shape[:2]) >= patch]
        if not self._pairs:
            raise DataError(
                f"no training image is at least {patch * scale} pixels along both sides"
            )
        areas = np.array([p.lr.shape[0] * p.lr.shape[1] for p in self._pairs], dtype=np.float64)
        self._chance = areas / areas.sum()
        self._patch, self._scale, self._seed = patch, scale, seed

    def batch(self, count: int, step: int, stream: int = 0) -> Tuple[torch.Tensor, torch.Tensor]:
        """Return LR (count, 3, p, p) and HR (count, 3, p*scale, p*scale), float32 in [0, 1]."""
        rng = np.random.default_rng([self._seed, stream, step])
        chosen = rng.choice(len(self._pairs), size=count, p=self._chance)
        crops = [self._crop(self._pairs[i], rng) for i in chosen]
        lr, hr = (np.stack(side) for side in zip(*crops))
        return _to_tensor(lr), _to_tensor(hr)

    def _crop(self, pair: ImagePair, rng: np.random.Generator) -> Tuple[Uint8Image, Uint8Image]:
        patch, scale = self._patch, self._scale
        top = int(rng.integers(pair.lr.shape[0] - patch + 1))
        left = int(rng.integers(pair.lr.shape[1] - patch + 1))
        lr = pair.lr[top : top + patch, left : left + patch]
        hr = pair.hr[top * scale : (top + patch) * scale, left * scale : (left + patch) * scale]
        flip_y, flip_x, swap = rng.integers(2, size=3)
        return _augment(lr, flip_y, flip_x, swap), _augment(hr, flip_y, flip_x, swap)


def _augment(image: Uint8Image, flip_y: int, flip_x: int, swap: int) -> Uint8Image:
    image = image[:: -1 if flip_y else 1, :: -1 if flip_x else 1]
    return np.swapaxes(image, 0, 1) if swap else image


def _to_tensor(batch: Uint8Image) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(batch.transpose(0, 3, 1, 2))).float().div_(255)
