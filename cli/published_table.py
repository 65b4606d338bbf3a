"""How published measurements are shown: as a table, as JSON, as CSV."""

from __future__ import annotations

import csv
import io
import textwrap
from typing import Any, Dict, List, Sequence

from pcsr_edge.cli import reports, tables
from pcsr_edge.runtime.published import CITATION, DATA_SETS, DEVICES, NOTE, Group, Measurement

WIDTH = 88
NOTHING = "no published measurement is left; ask for less FPS, or for more devices or families"


def as_text(groups: Sequence[Group], shown: Sequence[Group], data: str) -> str:
    """Return a table per device and scale, and what the numbers are.

    Args:
        groups: everything that was selected, for the counts.
        shown: the same, as far as it is to be shown.
        data: data set whose PSNR counts.
    """
    if not groups:
        return NOTHING
    parts: List[str] = []
    for group, part in zip(groups, shown):
        count = tables.plural(len(group.rows), "model")
        if len(part.rows) < len(group.rows):
            count = f"{len(part.rows)} of {count} (--limit 0 shows all)"
        parts.append(f"{group.device} ({DEVICES[group.device]}), x{group.scale}: {count}")
        parts.append(_table(part, data))
    legend = "*: no other model of the device and scale, as filtered, is both faster and better"
    parts.append("\n".join([legend, *(textwrap.fill(text, WIDTH) for text in (NOTE, CITATION))]))
    return "\n\n".join(parts)


def _table(group: Group, data: str) -> str:
    power = group.device == "agx"
    header = ["model", "", f"{data} PSNR", "SSIM", "FPS", *(["W"] if power else []), "parameters"]
    digits = 1 if min((row.fps for row in group.rows), default=0.0) >= 10 else 2
    rows = []
    for row in group.rows:
        cells = [row.model, "*" if row.model in group.best else ""]
        cells += [f"{row.psnr[data]:.2f}", f"{row.ssim[data]:.4f}", f"{row.fps:.{digits}f}"]
        cells += [f"{row.power_mw / 1000:.1f}"] if row.power_mw is not None else []
        rows.append([*cells, f"{row.parameters:,}"])
    return tables.table(header, rows, left=2)


def as_json(groups: Sequence[Group], data: str) -> str:
    """Return the document."""
    content = {
        "source": CITATION,
        "note": NOTE,
        "devices": DEVICES,
        "pareto_data": data,
        "measurements": [_entry(group, row) for group in groups for row in group.rows],
    }
    return reports.document("models", content)


def _entry(group: Group, row: Measurement) -> Dict[str, Any]:
    return {
        "device": row.device,
        "model": row.model,
        "family": row.family,
        "scale": row.scale,
        "parameters": row.parameters,
        "full_hd_fps": row.fps,
        "power_mw": row.power_mw,
        "psnr_db": row.psnr,
        "ssim": row.ssim,
        "pareto": row.model in group.best,
    }


def as_csv(groups: Sequence[Group]) -> bytes:
    """Return the file's content: one line per device and model."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    names = ["device", "model", "family", "scale", "parameters", "full_hd_fps", "power_mw"]
    names += [f"psnr_{name}_db" for name in DATA_SETS] + [f"ssim_{name}" for name in DATA_SETS]
    writer.writerow([*names, "pareto"])
    for group in groups:
        writer.writerows(_line(_entry(group, row)) for row in group.rows)
    return text.getvalue().encode()


def _line(entry: Dict[str, Any]) -> List[Any]:
    psnr, ssim = entry.pop("psnr_db"), entry.pop("ssim")
    pareto = int(entry.pop("pareto"))
    sets = [*(psnr[name] for name in DATA_SETS), *(ssim[name] for name in DATA_SETS)]
    return [*("" if value is None else value for value in entry.values()), *sets, pareto]
