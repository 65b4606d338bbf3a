"""Crops of what each case makes of the picture, for the slider of the page."""

from __future__ import annotations

import io
from typing import List, NamedTuple, Sequence, Tuple

import numpy as np
import numpy.typing as npt
from PIL import Image

from pcsr_edge.cli.class_map import colour, palette
from pcsr_edge.cli.comparison import Box, telling_crop
from pcsr_edge.cli.evaluation import bicubic_8_bit
from pcsr_edge.cli.nearest import nearest
from pcsr_edge.cli.profiling.bench import Station

Pixels = npt.NDArray[np.uint8]

MOST = 8
"""Cases that are shown: each takes some 200 KB of the page."""
SIDE = 480
"""Pixels along the greatest crop of a result."""
QUALITY = 90


class SampleView(NamedTuple):
    """What one case makes of a part of the picture."""

    case: int
    """Its place in the profile."""
    pixels: Tuple[bytes, bytes, bytes]
    """The input's pixels enlarged, bicubic and the result, as JPEG."""
    class_map: bytes
    """The classes as PNG; empty where there is one class."""
    colours: Tuple[str, ...]
    """CSS colour of each class, heaviest first."""
    size: Tuple[int, int]
    """(width, height) of the views."""


def sample_views(stations: Sequence[Station]) -> List[SampleView]:
    """Run every case of the first size once more, up to `MOST`, and cut out the same part.

    Raises:
        EngineError: the backend failed.
    """
    size = stations[0].case.size, stations[0].case.output_size
    chosen = [
        (index, station)
        for index, station in enumerate(stations)
        if (station.case.size, station.case.output_size) == size
    ][:MOST]
    views: List[SampleView] = []
    box = None
    for index, station in chosen:
        result = station.workload.upscale()
        lr, shape = station.workload.picture, result.image.shape[:2]
        bicubic = bicubic_8_bit(lr, (shape[0], shape[1]))
        if box is None:
            heavy = result.class_map < (len(result.fractions) + 1) // 2
            box = telling_crop(result.image, bicubic, heavy, SIDE)
        classes = len(result.fractions)
        layers = [nearest(lr, (shape[0], shape[1])), bicubic, result.image]
        first, second, third = (_jpeg(_cut(layer, box)) for layer in layers)
        painted = colour(_cut(result.class_map, box), classes)
        views.append(
            SampleView(
                case=index,
                pixels=(first, second, third),
                class_map=_png(painted) if classes > 1 else b"",
                colours=tuple("#{:02x}{:02x}{:02x}".format(*rgb) for rgb in palette(classes)),
                size=(painted.shape[1], painted.shape[0]),
            )
        )
    return views


def _cut(layer: npt.NDArray[np.uint8], box: Box) -> npt.NDArray[np.uint8]:
    return np.ascontiguousarray(layer[box.top : box.top + box.side, box.left : box.left + box.side])


def _jpeg(pixels: Pixels) -> bytes:
    buffer = io.BytesIO()
    # Chroma in full: halved, every result would look like the bicubic one in its colours.
    Image.fromarray(pixels).save(buffer, "JPEG", quality=QUALITY, subsampling=0, optimize=True)
    return buffer.getvalue()


def _png(pixels: Pixels) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).quantize(256).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
