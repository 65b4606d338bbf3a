"""Training images in memory, degraded on the fly, and random aligned patches of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Iterator, List, Sequence, Tuple, Union

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image

from pcsr_edge.errors import DataError
from pcsr_edge.runtime.quality import Channel, luma
from pcsr_edge.runtime.resample import bicubic, crop_to_multiple, downscale, to_uint8

Uint8Image = npt.NDArray[np.uint8]
SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp"}


@dataclass(frozen=True)
class ImagePair:
    """A truth and its degraded form, both uint8: RGB, or luma in studio swing."""

    hr: Uint8Image
    """(h*scale, w*scale, C), C = 3 or 1."""
    lr: Uint8Image
    """(h, w, C), by MATLAB-style bicubic, rounded to 8 bit."""


def image_files(folder: Union[str, Path]) -> List[Path]:
    """Return the image files under `folder`, recursively, in a stable order.

    Raises:
        DataError: the folder does not exist or holds no image.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise DataError(f"{folder} is no folder; name one with images")
    files = sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
    if not files:
        raise DataError(f"folder {folder} holds no image ({', '.join(sorted(SUFFIXES))})")
    return files


def _read(path: Path) -> Uint8Image:
    try:
        with Image.open(path) as image:
            mode = image.mode
            pixels = np.asarray(image.convert("RGB"))
    except Exception as exc:  # Pillow's decoders raise anything on a damaged file.
        raise DataError(f"image {path} cannot be read ({exc}); remove or replace it") from exc
    if mode.startswith(("I", "F")):
        # Pillow cuts them off at 255 where it should scale them.
        raise DataError(f"image {path} has more than 8 bits per channel; convert it to 8 bit")
    return pixels


def _pairs_of(image: Uint8Image, scale: int, sizes: Sequence[float]) -> Iterator[ImagePair]:
    for size in sizes:
        hr = image
        if size != 1.0:
            shape = (round(image.shape[0] * size), round(image.shape[1] * size))
            if min(shape) < scale:
                continue
            hr = to_uint8(bicubic(image, shape, (size, size)))
        hr = np.ascontiguousarray(crop_to_multiple(hr, scale))
        if hr.size:
            yield ImagePair(hr, downscale(hr, scale))


def load_pairs(
    folder: Union[str, Path],
    scale: int,
    sizes: Sequence[float] = (1.0,),
    smallest: int = 1,
    channel: Channel = "rgb",
) -> List[ImagePair]:
    """Read every image under `folder` and degrade it at each of `sizes`.

    All of them stay in memory, as 8-bit pixels. Images with less than `smallest` LR pixels
    along a side are left out. With `channel` y, the luma alone is kept and degraded.

    Raises:
        DataError: an image cannot be read, or none is large enough.
    """
    pairs: List[ImagePair] = []
    for path in image_files(folder):
        image = _read(path)
        if channel == "y":
            image = to_uint8(luma(image))[..., None]
        pairs += _pairs_of(image, scale, sizes)
    kept = [pair for pair in pairs if min(pair.lr.shape[:2]) >= smallest]
    if not kept:
        raise DataError(
            f"no image in {folder} is at least {smallest * scale} pixels along both sides"
        )
    return kept


class PatchSampler:
    """Random patches: uniform over images by area, flipped and transposed at random.

    The patches of a step depend on the seed and the step alone, so that a resumed run sees
    what an uninterrupted one would.

    Args:
        pairs: images; those smaller than a patch are left out.
        patch: LR pixels along each side.
        scale: magnification.
        seed: from 0.

    Raises:
        DataError: no image is as large as a patch.
    """

    def __init__(self, pairs: Sequence[ImagePair], patch: int, scale: int, seed: int) -> None:
        self._pairs = [p for p in pairs if min(p.lr.shape[:2]) >= patch]
        if not self._pairs:
            raise DataError(
                f"no training image is at least {patch * scale} pixels along both sides"
            )
        self._patch, self._scale, self._seed = patch, scale, seed
        areas = np.array([p.lr.shape[0] * p.lr.shape[1] for p in self._pairs], dtype=np.float64)
        self._chance = areas / areas.sum()

    def batch(self, count: int, step: int, stream: int = 0) -> Tuple[torch.Tensor, torch.Tensor]:
        """Return LR (count, C, p, p) and HR (count, C, p*scale, p*scale), float32 in [0, 1].

        Args:
            count: patches.
            step: number of the step.
            stream: an independent series of steps, e.g. one per training phase.
        """
        rng = np.random.default_rng([self._seed, stream, step])
        chosen = rng.choice(len(self._pairs), size=count, p=self._chance)
        return self._stack([self._crop(i, *self._corner(i, rng), rng) for i in chosen])

    def _stack(
        self, crops: Sequence[Tuple[Uint8Image, Uint8Image]]
    ) -> Tuple[torch.Tensor, torch.Tensor]:
        lr, hr = (np.stack(side) for side in zip(*crops))
        return to_tensor(lr), to_tensor(hr)

    def _corner(self, index: int, rng: np.random.Generator) -> Tuple[int, int]:
        """Draw where a patch of an image begins: row and column."""
        rows, cols = self._pairs[index].lr.shape[:2]
        top = int(rng.integers(rows - self._patch + 1))
        return top, int(rng.integers(cols - self._patch + 1))

    def _crop(
        self, index: int, top: int, left: int, rng: np.random.Generator
    ) -> Tuple[Uint8Image, Uint8Image]:
        pair, patch, scale = self._pairs[index], self._patch, self._scale
        lr = pair.lr[top : top + patch, left : left + patch]
        hr = pair.hr[top * scale : (top + patch) * scale, left * scale : (left + patch) * scale]
        flip_y, flip_x, swap = rng.integers(2, size=3)
        return _augment(lr, flip_y, flip_x, swap), _augment(hr, flip_y, flip_x, swap)


def _augment(image: Uint8Image, flip_y: int, flip_x: int, swap: int) -> Uint8Image:
    image = image[:: -1 if flip_y else 1, :: -1 if flip_x else 1]
    return np.swapaxes(image, 0, 1) if swap else image


def to_tensor(batch: Uint8Image) -> torch.Tensor:
    """Map uint8 (N, h, w, C) to float32 (N, C, h, w) in [0, 1]."""
    return torch.from_numpy(np.ascontiguousarray(batch.transpose(0, 3, 1, 2))).float().div_(255)
