"""What each subnet makes of the patches of calibration pictures."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, List, Sequence, Tuple

import numpy as np
import numpy.typing as npt

from pcsr_edge.errors import DataError, InputError
from pcsr_edge.runtime.backends import backend_for
from pcsr_edge.runtime.bundle import Bundle
from pcsr_edge.runtime.engine import CheckedEngine, Engine
from pcsr_edge.runtime.images import picture_files, read_picture, to_8_bit
from pcsr_edge.runtime.interpolation import REACH, bicubic_phases
from pcsr_edge.runtime.patch_grid import PatchGrid, patch_grid
from pcsr_edge.runtime.patch_scores import SCORES
from pcsr_edge.runtime.pixels import to_planes
from pcsr_edge.runtime.resample import crop_to_multiple, downscale

Values = npt.NDArray[np.float64]
Floats = npt.NDArray[np.float32]
MOST_DB = 80.0
"""PSNR of a patch without any error."""
SHAVED = 1
"""Cells at a patch's edge that PSNR leaves out: `scale` SR pixels, as for whole pictures."""
Progress = Callable[[], None]
"""Called after each picture."""


@dataclass(frozen=True)
class PatchSamples:
    """The patches of some pictures."""

    scores: Values
    """What they are looked up by, (n, features)."""
    psnr: Values
    """dB of each by class, (n, classes), RGB."""
    pictures: int
    """That were used."""
    left_out: Tuple[str, ...]
    """Pictures that were not, and why."""


def load_subnets(bundle: Bundle, stack: ExitStack, device: str = "auto") -> List[Engine]:
    """Compile the subnets of a bundle, widest first, for one thread; closed with `stack`.

    Raises:
        BundleError: the bundle is damaged.
        BackendUnavailableError: the device is not there.
    """
    backend = backend_for(device, graphs=True)
    return [
        stack.enter_context(CheckedEngine(backend.load(bundle.graph(name), 1), name))
        for name in bundle.manifest.graph_names()
    ]


def sample_patches(
    bundle: Bundle, engines: Sequence[Engine], folder: Path, measured: Progress
) -> PatchSamples:
    """Run every subnet, and interpolation, on every patch of the pictures in a folder.

    The pictures are truths (HR); LR is made as everywhere. Patches that are smaller than the
    bundle's are no examples of its patches, so small pictures are left out.

    Args:
        bundle: of method arm or wbsr.
        engines: of `load_subnets`.
        folder: walked through.
        measured: called after each picture.

    Raises:
        InputError: the folder does not exist or holds no picture.
        DataError: none of its pictures can be used.
    """
    manifest = bundle.manifest
    assert isinstance(manifest.scale, int)
    scores: List[Values] = []
    psnr: List[Values] = []
    left_out: List[str] = []
    least = manifest.patch * manifest.scale
    for found in picture_files([str(folder)]):
        try:
            hr = crop_to_multiple(to_8_bit(read_picture(found.source).rgb), manifest.scale)
        except InputError as exc:
            left_out.append(str(exc))
            continue
        if min(hr.shape[:2]) < least:
            left_out.append(f"{found.source} has less than {least} pixels along a side")
            continue
        lr = downscale(hr, manifest.scale)
        grid = patch_grid((lr.shape[0], lr.shape[1]), manifest.patch, manifest.step)
        features = SCORES[manifest.method](lr, grid)
        scores.append(features.reshape(-1, features.shape[-1]))
        psnr.append(_patch_psnr(engines, grid, lr, hr, manifest.scale))
        measured()
    if not scores:
        reason = f"; {left_out[0]}" if left_out else ""
        raise DataError(
            f"{folder} holds no picture to calibrate with: expected some of at least {least} "
            f"pixels along both sides{reason}"
        )
    return PatchSamples(np.concatenate(scores), np.concatenate(psnr), len(scores), tuple(left_out))


def _patch_psnr(engines: Sequence[Engine], grid: PatchGrid, lr: Any, hr: Any, scale: int) -> Values:
    """Return the PSNR of each patch by class: (patches, classes)."""
    planes, truth = to_planes(lr), _phases_of(hr, scale)
    padded = np.pad(planes, ((0, 0), (0, 0), (REACH, REACH), (REACH, REACH)), mode="edge")
    rows = [_row_psnr(engines, grid, line.seen.start, planes, padded, truth) for line in grid.rows]
    return np.concatenate(rows)


def _row_psnr(
    engines: Sequence[Engine], grid: PatchGrid, top: int, planes: Floats, padded: Floats, truth: Any
) -> Values:
    size = len(grid.rows[0].seen)
    width = len(grid.cols[0].seen)
    starts = [line.seen.start for line in grid.cols]
    windows = np.concatenate([planes[:, :, top : top + size, c : c + width] for c in starts])
    around = 2 * REACH
    wide = [padded[:, :, top : top + size + around, c : c + width + around] for c in starts]
    wanted = np.stack([truth[:, top : top + size, c : c + width] for c in starts])
    scale = int((len(truth) // 3) ** 0.5)
    made = [engine.run({"image": windows})["phases"] for engine in engines]
    made.append(bicubic_phases(np.concatenate(wide), scale))
    return np.stack([_psnr(each, wanted) for each in made], axis=1)


def _psnr(made: Floats, wanted: Floats) -> Values:
    inner = (slice(None), slice(None), slice(SHAVED, -SHAVED), slice(SHAVED, -SHAVED))
    rounded = np.rint(np.clip(made[inner], 0, 1) * np.float32(255))
    error = np.square(rounded - wanted[inner], dtype=np.float64).mean(axis=(1, 2, 3))
    with np.errstate(divide="ignore"):
        decibels = 10 * np.log10(255**2 / error)
    return np.asarray(np.minimum(decibels, MOST_DB))


def _phases_of(image: Any, scale: int) -> Floats:
    """Return a picture (H, W, 3) by phase: (3·scale², h, w), values 0…255."""
    height, width = image.shape[0] // scale, image.shape[1] // scale
    split = image.reshape(height, scale, width, scale, 3).transpose(4, 1, 3, 0, 2)
    return np.ascontiguousarray(split.reshape(-1, height, width), dtype=np.float32)
