"""The table of a supernet as a figure: PSNR of each subnet over the difficulty of patches."""

from __future__ import annotations

import io
from typing import Any

import numpy as np

from pcsr_edge.installation import check_matplotlib
from pcsr_edge.runtime.patch_table import PatchTable

AXES = {"arm": "edge score of the patch", "wbsr": "gradient of the patch, projected"}
COLOURS = ("#D55E00", "#009E73", "#0072B2", "#E69F00", "#CC79A7")
"""Of the palette of Okabe and Ito, which the colour-blind can tell apart."""
INTERPOLATION = "#000000"
SIZE = (7.0, 5.0)
"""Inches."""
DPI = 120


def draw(table: PatchTable) -> bytes:
    """Return the figure as PNG; categories without a patch are left out.

    Beside it stands the curve over K, where the table has one.

    Raises:
        PcsrEdgeError: matplotlib is missing.
    """
    check_matplotlib()
    from matplotlib.figure import Figure

    counts, psnr = np.asarray(table.counts), np.asarray(table.psnr)
    edges = np.linspace(table.low, table.high, len(counts) + 1)
    middles, used = (edges[1:] + edges[:-1]) / 2, counts > 0
    figure = Figure(figsize=SIZE, dpi=DPI, layout="constrained")
    axes, *others = figure.subplots(1, 2 if table.curve else 1, squeeze=False)[0]
    last = psnr.shape[1] - 1
    for number in range(last + 1):
        colour = INTERPOLATION if number == last else COLOURS[number % len(COLOURS)]
        label = "interpolation" if number == last else f"subnet {number}"
        axes.plot(
            middles[used], psnr[used, number], marker=".", color=colour, linewidth=1.2, label=label
        )
    axes.set_xlabel(AXES[table.method])
    axes.set_ylabel("mean PSNR of patches, dB (RGB)")
    axes.grid(True, linewidth=0.4, alpha=0.35)
    axes.legend()
    for beside in others:
        _draw_curve(beside, table)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def _draw_curve(axes: Any, table: PatchTable) -> None:
    """Draw PSNR over cost, a point for each number of categories."""
    points = sorted(table.curve, key=lambda point: point.categories)
    axes.plot([p.cost for p in points], [p.psnr for p in points], marker=".", color=COLOURS[2])
    for point in points:
        place = point.cost, point.psnr
        axes.annotate(f"K={point.categories}", place, xytext=(4, 4), textcoords="offset points")
    axes.set_xlabel(f"cost, share of the widest subnet's ({table.costs_of})")
    axes.set_ylabel(f"PSNR of pictures, dB (RGB), eta = {points[0].eta:g}")
    axes.grid(True, linewidth=0.4, alpha=0.35)
