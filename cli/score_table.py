"""How `evaluate` shows its rows: as a table, as JSON, as CSV."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any, Dict, List, Sequence

from pcsr_edge.cli import reports, tables
from pcsr_edge.cli.evaluation import Row, Score
from pcsr_edge.cli.picture_set import PictureSet
from pcsr_edge.runtime.images.atomic import write_atomically


def as_text(data: PictureSet, rows: Sequence[Row]) -> str:
    """Return the protocol and the table of means."""
    channels = list(rows[0].mean.psnr)
    header = ["model", "scale", "setting"]
    for channel in channels:
        header += [f"PSNR {channel.upper()}", f"SSIM {channel.upper()}"]
    header += ["classes %", "FLOPs %"]
    lines = [
        f"{tables.plural(len(data.pictures), 'picture')} in {data.hr_folder}; means over pictures",
        *(data.protocol(scale) for scale in sorted({row.candidate.scale for row in rows})),
        "FLOPs: relative to all pixels in the heaviest class, of patches without a halo",
        "",
        tables.table(header, [_cells(row, channels) for row in rows], left=3),
    ]
    return "\n".join(lines)


def _cells(row: Row, channels: Sequence[str]) -> List[str]:
    candidate, mean = row.candidate, row.mean
    cells = [candidate.model, f"x{candidate.scale}", candidate.setting or "-"]
    for channel in channels:
        cells += [f"{mean.psnr[channel]:.2f}", f"{mean.ssim[channel]:.4f}"]
    if mean.work is None:
        return [*cells, "-", "-"]
    shares = "/".join(f"{100 * share:.0f}" for share in mean.work.fractions)
    return [*cells, shares, f"{100 * mean.work.flops / mean.work.flops_heavy:.0f}"]


def _score(score: Score) -> Dict[str, Any]:
    work = score.work
    return {
        "psnr_db": score.psnr,
        "ssim": score.ssim,
        "class_fractions": None if work is None else work.fractions,
        "flops": None if work is None else work.flops,
        "flops_share": None if work is None else work.flops / work.flops_heavy,
    }


def as_json(data: PictureSet, rows: Sequence[Row]) -> str:
    """Return the document: protocol, means and every picture."""
    scales = sorted({row.candidate.scale for row in rows})
    content = {
        "hr_folder": data.hr_folder,
        "lr_folder": data.lr_folder,
        "protocol": [data.protocol(scale) for scale in scales],
        "results": [
            {
                "model": row.candidate.model,
                "scale": row.candidate.scale,
                "setting": row.candidate.setting,
                "mean": _score(row.mean),
                "pictures": [{"name": s.picture, **_score(s)} for s in row.pictures],
            }
            for row in rows
        ],
    }
    return reports.document("evaluate", content)


def write_csv(path: Path, rows: Sequence[Row], overwrite: bool) -> None:
    """Write the means, one line per row.

    Raises:
        OutputError: the file cannot be written.
    """
    channels = list(rows[0].mean.psnr)
    header = ["model", "scale", "setting"]
    for channel in channels:
        header += [f"psnr_{channel}_db", f"ssim_{channel}"]
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([*header, "class_fractions", "flops_share"])
    writer.writerows(_csv_cells(row, channels) for row in rows)
    write_atomically(path, text.getvalue().encode(), overwrite)


def _csv_cells(row: Row, channels: Sequence[str]) -> List[str]:
    candidate, mean = row.candidate, row.mean
    cells = [candidate.model, str(candidate.scale), candidate.setting]
    for channel in channels:
        cells += [f"{mean.psnr[channel]:.4f}", f"{mean.ssim[channel]:.6f}"]
    if mean.work is None:
        return [*cells, "", ""]
    shares = "/".join(f"{share:.4f}" for share in mean.work.fractions)
    return [*cells, shares, f"{mean.work.flops / mean.work.flops_heavy:.4f}"]
