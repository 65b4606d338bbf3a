"""What `demo` does: upscale one photograph, draw the comparison, write four pictures."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Dict, List

import numpy as np
import numpy.typing as npt

from pcsr_edge import __version__
from pcsr_edge.cli.batch import check_settings
from pcsr_edge.cli.class_map import colour
from pcsr_edge.cli.comparison import Captions, Views, comparison
from pcsr_edge.cli.evaluation import bicubic_8_bit
from pcsr_edge.cli.nearest import nearest
from pcsr_edge.cli.tables import fractions_text, plural, seconds_text
from pcsr_edge.errors import OutputError
from pcsr_edge.runtime.images import Picture, read_picture, write_picture
from pcsr_edge.runtime.images.atomic import write_atomically
from pcsr_edge.runtime.images.planes import to_8_bit
from pcsr_edge.runtime.result import Result
from pcsr_edge.runtime.upscaler import Upscaler

Pixels = npt.NDArray[np.uint8]

MARKER = "demo.json"
"""Tells a folder of ours, whose pictures may be replaced, from one with somebody's `photo.png`."""
NAMES = ("photo.png", "sr.png", "class_map.png", "comparison.png")


def demonstrate(upscaler: Upscaler, photo: Path, folder: Path) -> List[str]:
    """Upscale `photo`, write the pictures into `folder`, return lines that tell of it.

    Raises:
        InputError: the photograph cannot be read.
        OutputError: the folder cannot be written, or holds pictures that are not ours.
    """
    refuse_foreign(folder)
    lr = to_8_bit(read_picture(photo).rgb)
    check_settings(upscaler, {})
    result = upscaler.run(lr)
    height, width = result.image.shape[:2]
    baseline = bicubic_8_bit(lr, (height, width))
    classes = colour(result.class_map, len(upscaler.bundle.manifest.classes))
    views = Views(nearest(lr, (height, width)), baseline, result.image, classes)
    heavy = result.class_map < (len(result.fractions) + 1) // 2
    sheet = comparison(views, heavy, _captions(upscaler, lr, result))
    _write(folder, dict(zip(NAMES, (lr, result.image, classes, sheet))))
    return [
        f"enlarged {photo.name} from {lr.shape[1]}x{lr.shape[0]} to {width}x{height}",
        f"model: {upscaler.bundle.name}",
        f"backend: {upscaler.backend_name}, {plural(upscaler.threads, 'thread')}",
        f"time: {seconds_text(result.times['total'] / 1000)}, {_stages(result)}",
        f"pixels: {_effort(upscaler, result)}",
        f"look at: {folder / NAMES[3]}",
        f"also: {', '.join(str(folder / name) for name in NAMES[:3])}",
    ]


def _effort(upscaler: Upscaler, result: Result) -> str:
    """Say how the work was spread over the pixels."""
    if not upscaler.bundle.manifest.has_classes:
        return "the same work for every pixel"
    return f"heavy upsampler only where it pays: {fractions_text(result.fractions)}"


def _stages(result: Result) -> str:
    """Name the stages that took longest."""
    stages = sorted(
        ((t, name) for name, t in result.times.items() if name != "total"), reverse=True
    )
    shares = sum(t for t, _ in stages)
    return "of it " + ", ".join(f"{100 * t / shares:.0f}% {name}" for t, name in stages[:3])


def refuse_foreign(folder: Path) -> None:
    """Refuse a folder that holds pictures of the demo's names without its marker.

    Raises:
        OutputError: it does.
    """
    if (folder / MARKER).exists():
        return
    for name in NAMES:
        if os.path.lexists(folder / name):
            raise OutputError(
                f"{folder / name} is not from an earlier demo; name another folder with -o"
            )


def _write(folder: Path, pictures: Dict[str, Pixels]) -> None:
    marker = json.dumps({"made_by": f"pcsr-edge demo {__version__}", "files": list(pictures)})
    write_atomically(folder / MARKER, (marker + "\n").encode(), overwrite=True)
    for name, pixels in pictures.items():
        write_picture(Picture(np.ascontiguousarray(pixels)), folder / name, overwrite=True)


def _captions(upscaler: Upscaler, lr: Pixels, result: Result) -> Captions:
    height, width = result.image.shape[:2]
    return Captions(
        title=f"{upscaler.bundle.name}: {lr.shape[1]}x{lr.shape[0]} to {width}x{height}",
        subtitle=_effort(upscaler, result),
        ours=upscaler.bundle.name,
        fractions=result.fractions,
    )
