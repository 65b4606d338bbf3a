"""Published speed against PSNR, a panel per device and scale: the main figure of edge-SR."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, List, Mapping, NamedTuple, Sequence, Tuple

from pcsr_edge.errors import OutputError
from pcsr_edge.installation import check_matplotlib
from pcsr_edge.runtime.published import CITATION, DEVICES, Group, Measurement

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


class Style(NamedTuple):
    """How a family is drawn."""

    colour: str
    """Of the palette of Okabe and Ito, which the colour-blind can tell apart."""
    marker: str


STYLES: Mapping[str, Style] = {
    "Bicubic": Style("#000000", "*"),
    "eSR-MAX": Style("#E69F00", "o"),
    "eSR-TM": Style("#009E73", "s"),
    "eSR-TR": Style("#0072B2", "^"),
    "eSR-CNN": Style("#CC79A7", "D"),
    "ESPCN": Style("#D55E00", "v"),
    "FSRCNN": Style("#56B4E9", "P"),
}
PANEL = (5.2, 4.0)
"""Inches."""
WIDE_PANEL = (9.0, 4.0)
"""Of one device: legend and citation need the width."""
LONE_PANEL = (9.0, 6.5)
DPI = 120
LABEL_GAP = 13
"""Points between the labels of a panel, one above the other."""


def draw(groups: Sequence[Group], data: str) -> bytes:
    """Return the figure as PNG.

    Args:
        groups: what is to be drawn.
        data: data set whose PSNR is drawn.

    Raises:
        OutputError: there is nothing to draw.
        PcsrEdgeError: matplotlib is missing.
    """
    if not groups:
        raise OutputError("there is nothing to plot: no published measurement is left")
    check_matplotlib()
    from matplotlib.figure import Figure

    devices = list(dict.fromkeys(group.device for group in groups))
    scales = sorted({group.scale for group in groups})
    width, height = PANEL if len(devices) > 1 else WIDE_PANEL
    if len(groups) == 1:
        width, height = LONE_PANEL
    size = (width * len(devices), height * len(scales) + 0.9)
    figure = Figure(figsize=size, dpi=DPI, layout="constrained")
    grid = figure.subplots(len(scales), len(devices), squeeze=False)
    for axes in grid.flat:
        axes.set_visible(False)
    panels = [
        (grid[scales.index(group.scale)][devices.index(group.device)], group) for group in groups
    ]
    for axes, group in panels:
        axes.set_visible(True)
        _panel(axes, group, data)
    _frame(figure, groups)
    # Only now is it known how far apart two points are on paper.
    figure.draw_without_rendering()
    for axes, group in panels:
        _label(axes, _best(group), data)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def _panel(axes: Axes, group: Group, data: str) -> None:
    from matplotlib.ticker import LogLocator, NullFormatter

    axes.set_title(f"{DEVICES[group.device]}, ×{group.scale}", fontsize=11)
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("Full-HD pictures per second")
    axes.set_ylabel(f"PSNR on {data}, dB")
    axes.grid(True, which="both", linewidth=0.4, alpha=0.35)
    for family, style in STYLES.items():
        rows = [row for row in group.rows if row.family == family]
        size = 110 if family == "Bicubic" else 14
        axes.scatter(
            [row.fps for row in rows],
            [row.psnr[data] for row in rows],
            s=size,
            c=style.colour,
            marker=style.marker,
            linewidths=0,
            alpha=0.75,
            zorder=4 if family == "Bicubic" else 2,
        )
    best = _best(group)
    speeds, dbs = [row.fps for row in best], [row.psnr[data] for row in best]
    # In steps: who needs a speed between two models takes the faster one.
    axes.step(speeds, dbs, where="pre", color="#333333", linewidth=1.2, zorder=3)
    axes.margins(y=0.1)
    slowest, fastest = (pick(row.fps for row in group.rows) for pick in (min, max))
    room = max(fastest / slowest, 2.0)
    axes.set_xlim(slowest / room**0.06, fastest * room**0.3)


def _best(group: Group) -> List[Measurement]:
    """Return the models on the line, slowest first."""
    return sorted((row for row in group.rows if row.model in group.best), key=lambda r: r.fps)


def _label(axes: Axes, best: Sequence[Measurement], data: str) -> None:
    """Name models on the line, as many as do not run into each other."""
    left: List[Tuple[float, float]] = []
    for row in reversed(best):
        x, y = axes.transData.transform((row.fps, row.psnr[data])) * 72 / DPI
        if left and y - left[-1][1] < LABEL_GAP:
            continue
        left.append((x, y))
        axes.annotate(
            row.model.replace(f"_s{row.scale}", ""),
            (row.fps, row.psnr[data]),
            xytext=(6, 3),
            textcoords="offset points",
            fontsize=7.5,
            color="#222222",
            zorder=5,
        )


def _frame(figure: Figure, groups: Sequence[Group]) -> None:
    """Add the legend, and what the numbers are."""
    from matplotlib.lines import Line2D

    present = {row.family for group in groups for row in group.rows}
    handles: List[Any] = [
        Line2D([], [], color=style.colour, marker=style.marker, linestyle="", label=family)
        for family, style in STYLES.items()
        if family in present
    ]
    handles.append(Line2D([], [], color="#333333", label="not beaten (Pareto)"))
    lone = len({group.device for group in groups}) == 1
    columns = len(handles) // 2 if lone else len(handles)
    figure.legend(handles=handles, loc="outside upper center", ncols=columns, fontsize=9)
    figure.supxlabel(f"Published by the authors, not measured by us. {CITATION}", fontsize=8)
