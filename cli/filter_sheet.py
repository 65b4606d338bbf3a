"""The filters of an edge-SR network as pictures: what each channel does, and to which frequencies.

The article's way of looking at them: the scale² kernels of a channel, interleaved, are one filter
on the SR grid, and its spectrum tells which frequencies the channel works on.
"""

from __future__ import annotations

from itertools import chain
from typing import Dict, List, Mapping

import numpy as np
import numpy.typing as npt

from pcsr_edge.cli.sheet import Cell, Pixels, enlarged, sheet
from pcsr_edge.errors import UsageError
from pcsr_edge.runtime.bundle import Bundle
from pcsr_edge.runtime.graph_weights import float_constants

SIDE = 96
"""Pixels along a drawn filter, about."""
SPECTRUM = 48
"""Frequencies along each side of a spectrum."""
BESIDE = 4
"""Channels in a row, where each takes one input."""
VISIBLE = 0.98
"""Share of a filter's taps that are drawn to scale. Training leaves a few huge ones in phases
whose channel is never chosen."""
SUFFIX = ".weight"
Filter = npt.NDArray[np.float32]


def filter_sheet(bundle: Bundle) -> bytes:
    """Draw the last layer of an edge-SR bundle as PNG, channel by channel.

    Raises:
        UsageError: the network reduces no channels.
        BundleError: its graph cannot be read.
    """
    scale = bundle.manifest.scale
    assert isinstance(scale, int)
    filters = _filters(float_constants(bundle.graph("network", "fp32")), scale)
    if not filters:
        raise UsageError(
            f"model {bundle.name} reduces no channels, so there is nothing to explain; take an "
            "eSR-MAX, eSR-TM, eSR-TR or eSR-CNN"
        )
    title = [
        f"{bundle.name}: {bundle.manifest.provenance.get('id', 'edge-SR')}, x{scale}",
        "Left: the filter on the SR grid, blue below 0, red above. Right: its spectrum, the lowest",
        "frequency in the middle, brighter is stronger; the frame is the band that LR holds.",
    ]
    rows = [_row(name, kernels, scale) for name, kernels in filters.items()]
    if all(kernels.shape[1] == 1 for kernels in filters.values()):
        rows = [list(chain(*rows[i : i + BESIDE])) for i in range(0, len(rows), BESIDE)]
    return sheet(title, rows)


def _filters(constants: Mapping[str, Filter], scale: int) -> Dict[str, Filter]:
    """Return name → kernels (scale², inputs, K, K) of every block of the last layer."""
    found: Dict[str, Filter] = {}
    for name, values in constants.items():
        if name.startswith(("value", "key", "query")) and name.endswith(SUFFIX):
            names = name[: -len(SUFFIX)].split(",")
            found.update(zip(names, values.reshape(len(names), scale**2, *values.shape[1:])))
    return dict(sorted(found.items(), key=lambda item: not item[0].startswith("value")))


def interleaved(kernels: Filter, scale: int) -> Filter:
    """Join the kernels of all phases, (scale², K, K), to a filter on the SR grid, (K·s, K·s).

    It is what a single white LR pixel becomes.
    """
    taps = kernels.shape[-1]
    # A tap further down takes an LR pixel further down, which lies above its own place.
    flipped = kernels[:, ::-1, ::-1].reshape(scale, scale, taps, taps)
    return np.ascontiguousarray(flipped.transpose(2, 0, 3, 1)).reshape(taps * scale, taps * scale)


def _row(name: str, kernels: Filter, scale: int) -> List[Cell]:
    cells = []
    for index in range(kernels.shape[1]):
        whole = interleaved(kernels[:, index], scale)
        label = name if kernels.shape[1] == 1 else f"{name}, input {index}"
        strongest = float(np.abs(whole).max())
        factor = max(1, SIDE // len(whole))
        limit = float(np.quantile(np.abs(whole), VISIBLE))
        picture = enlarged(_signed(whole, limit), factor)
        cells.append(Cell(picture, [label, f"up to {strongest:.3g}"]))
        if kernels.shape[1] == 1:
            total = float(whole.sum()) / scale**2
            cells.append(Cell(_spectrum(whole, scale), ["spectrum", f"sum {total:.3g}"]))
    return cells


def _signed(values: Filter, limit: float) -> Pixels:
    """Paint -limit and less blue, 0 white, limit and more red."""
    share = np.clip(values / (limit or 1.0), -1, 1)[..., None]
    red, blue = np.array([178.0, 24.0, 43.0]), np.array([33.0, 102.0, 172.0])
    ends = np.where(share > 0, red, blue)
    painted: Pixels = np.rint(255 + np.abs(share) * (ends - 255)).astype(np.uint8)
    return painted


def _spectrum(whole: Filter, scale: int) -> Pixels:
    strength = np.abs(np.fft.fftshift(np.fft.fft2(whole, (SPECTRUM, SPECTRUM))))
    level = np.sqrt(strength / (strength.max() or 1.0))
    painted = np.repeat(np.rint(level * 255).astype(np.uint8)[..., None], 3, axis=-1)
    picture = enlarged(painted, 2)
    # LR holds frequencies up to half a cycle per LR pixel.
    low, high = (SPECTRUM + sign * SPECTRUM // scale for sign in (-1, 1))
    for edge in (low, high - 1):
        picture[edge, low:high] = picture[low:high, edge] = (255, 149, 41)
    return picture
