"""What each subnet makes of the patches of calibration pictures."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, List, NamedTuple, Sequence, Tuple, Union

import numpy as np
import numpy.typing as npt

from pcsr_edge.errors import DataError, InputError
from pcsr_edge.runtime.backends import backend_for
from pcsr_edge.runtime.bundle import Bundle
from pcsr_edge.runtime.engine import Backend, Engine
from pcsr_edge.runtime.graph_engine import load_engine
from pcsr_edge.runtime.images import picture_files, read_picture, to_8_bit
from pcsr_edge.runtime.interpolation import REACH, bicubic_phases
from pcsr_edge.runtime.patch_grid import PatchGrid, PatchLine, patch_grid
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
    errors: Values
    """Mean squared error of each one's core by class, (n, classes), RGB, of values 0…255."""
    picture: npt.NDArray[np.int64]
    """Of each patch, (n,), counted from 0."""
    left_out: Tuple[str, ...]
    """Pictures that were not used, and why."""

    @property
    def pictures(self) -> int:
        """Return how many were used."""
        return len(np.unique(self.picture))


def load_subnets(
    bundle: Bundle, stack: ExitStack, device: Union[str, Backend] = "auto"
) -> List[Engine]:
    """Compile the subnets of a bundle, widest first, for one thread; closed with `stack`.

    Raises:
        BundleError: the bundle is damaged.
        BackendUnavailableError: the device is not there.
    """
    backend = backend_for(device, graphs=True)
    return [
        stack.enter_context(load_engine(bundle, backend, name))
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
        DataError: none of its pictures can be used, or their patches are all alike.
    """
    manifest = bundle.manifest
    assert isinstance(manifest.scale, int)
    scores: List[Values] = []
    found: List[_Measured] = []
    left_out: List[str] = []
    least = manifest.patch * manifest.scale
    for file in picture_files([str(folder)]):
        try:
            hr = crop_to_multiple(to_8_bit(read_picture(file.source).rgb), manifest.scale)
        except InputError as exc:
            left_out.append(str(exc))
            continue
        if min(hr.shape[:2]) < least:
            left_out.append(f"{file.source} has less than {least} pixels along a side")
            continue
        lr = downscale(hr, manifest.scale)
        grid = patch_grid((lr.shape[0], lr.shape[1]), manifest.patch, manifest.step)
        features = SCORES[manifest.method](lr, grid)
        scores.append(features.reshape(-1, features.shape[-1]))
        found.append(_measured(engines, grid, lr, hr, manifest.scale))
        measured()
    if not scores:
        reason = f"; {left_out[0]}" if left_out else ""
        raise DataError(
            f"{folder} holds no picture to calibrate with: expected some of at least {least} "
            f"pixels along both sides{reason}"
        )
    patches = np.concatenate(scores)
    if (patches == patches[0]).all():
        # Of one difficulty a table says nothing of others, and gives all patches one class.
        raise DataError(
            f"all patches of the pictures in {folder}, {len(patches)} of {least} x {least} "
            "pixels, have one difficulty; expected photographs with smooth and detailed parts"
        )
    return PatchSamples(
        patches,
        *_joined(found),
        picture=np.repeat(np.arange(len(scores)), [len(each) for each in scores]),
        left_out=tuple(left_out),
    )


class _Measured(NamedTuple):
    """Of some patches by class, (patches, classes)."""

    psnr: Values
    errors: Values


def _measured(
    engines: Sequence[Engine], grid: PatchGrid, lr: Any, hr: Any, scale: int
) -> _Measured:
    """Measure each patch of a picture."""
    planes, truth = to_planes(lr), _phases_of(hr, scale)
    padded = np.pad(planes, ((0, 0), (0, 0), (REACH, REACH), (REACH, REACH)), mode="edge")
    rows = [_row(engines, grid, row, planes, padded, truth) for row in grid.rows]
    return _joined(rows)


def _joined(parts: Sequence[_Measured]) -> _Measured:
    return _Measured(
        np.concatenate([part.psnr for part in parts]),
        np.concatenate([part.errors for part in parts]),
    )


def _row(
    engines: Sequence[Engine],
    grid: PatchGrid,
    row: PatchLine,
    planes: Floats,
    padded: Floats,
    truth: Floats,
) -> _Measured:
    down = row.seen.slice()
    windows = np.concatenate([planes[:, :, down, col.seen.slice()] for col in grid.cols])
    wide = [
        padded[:, :, down.start : down.stop + 2 * REACH, c.start : c.stop + 2 * REACH]
        for c in (col.seen for col in grid.cols)
    ]
    scale = int((len(truth) // 3) ** 0.5)
    made = [engine.run({"image": windows})["phases"] for engine in engines]
    made.append(bicubic_phases(np.concatenate(wide), scale))
    wanted = np.stack([truth[:, down, col.seen.slice()] for col in grid.cols])
    squares = [_squares(each, wanted) for each in made]
    cores = [
        (slice(None), row.core.slice(row.seen.start), col.core.slice(col.seen.start))
        for col in grid.cols
    ]
    errors = [[patch[core].mean() for patch, core in zip(each, cores)] for each in squares]
    return _Measured(np.stack([_psnr(each) for each in squares], axis=1), np.array(errors).T)


def _squares(made: Floats, wanted: Floats) -> Values:
    rounded = np.rint(np.clip(made, 0, 1) * np.float32(255))
    return np.asarray(np.square(rounded - wanted, dtype=np.float64))


def _psnr(squares: Values) -> Values:
    error = squares[:, :, SHAVED:-SHAVED, SHAVED:-SHAVED].mean(axis=(1, 2, 3))
    with np.errstate(divide="ignore"):
        decibels = 10 * np.log10(255**2 / error)
    return np.asarray(np.minimum(decibels, MOST_DB))


def _phases_of(image: Any, scale: int) -> Floats:
    """Return a picture (H, W, 3) by phase: (3·scale², h, w), values 0…255."""
    height, width = image.shape[0] // scale, image.shape[1] // scale
    split = image.reshape(height, scale, width, scale, 3).transpose(4, 1, 3, 0, 2)
    return np.ascontiguousarray(split.reshape(-1, height, width), dtype=np.float32)
