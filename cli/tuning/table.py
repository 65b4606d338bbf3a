"""How `tune` shows what it measured: as a table, as JSON."""

from __future__ import annotations

import argparse
from typing import Any, Dict, List, Mapping, Optional

from pcsr_edge.calib.tuner import TunedRung, Tuning
from pcsr_edge.cli import reports
from pcsr_edge.cli.profiling.markdown import markdown_table

CHOSEN, UNBEATEN, BEATEN, SLOW = "chosen", "fast enough", "beaten", "too slow"


def as_text(args: argparse.Namespace, found: Tuning) -> str:
    """Return the table, best quality first, and what to do with the choice."""
    rows = [_row(tuned, verdict(found, tuned)) for tuned in found.rungs]
    header = ["setting", "PSNR", "p50 ms", "p90 ms", "per second", "verdict"]
    parts = [
        markdown_table(header, rows),
        f"x{args.scale:g} of {args.size}, {found.budget_ms:.4g} ms wanted. PSNR: dB on Set5, Y; ≈: "
        "interpolated between\ntwo settings. In brackets: by the cost table, left out as too slow. "
        "beaten: another is faster and better.",
    ]
    if found.chosen is not None:
        rung = found.chosen.rung
        setting = "" if rung.k is None else f" --k {rung.k:g}"
        setting += "" if rung.eta is None else f" --eta {rung.eta:g}"
        setting += "" if rung.force_class is None else f" --class {rung.force_class}"
        command = f"pcsr-edge upscale IN OUT -n {rung.model} -s {rung.scale:g}{setting}"
        parts.append(f"chosen: {rung.name}: {command}")
    return "\n\n".join(parts)


def as_json(
    args: argparse.Namespace,
    found: Tuning,
    machine: Mapping[str, str],
    options: Optional[Mapping[str, Any]],
) -> str:
    """Return the document that `--json` prints; `options` are those of the choice."""
    content = {
        "scale": args.scale,
        "size": args.size._asdict(),
        "budget_ms": found.budget_ms,
        "machine": machine,
        "chosen": None if found.chosen is None else found.chosen.rung.name,
        "options": options,
        "rungs": [_entry(tuned, verdict(found, tuned)) for tuned in found.rungs],
    }
    return reports.document("tune", content)


def verdict(found: Tuning, tuned: TunedRung) -> str:
    """Say in two words what became of a setting."""
    if tuned is found.chosen:
        return CHOSEN
    if not tuned.keeps(found.budget_ms):
        return SLOW
    return UNBEATEN if tuned in found.unbeaten else BEATEN


def _row(tuned: TunedRung, text: str) -> List[str]:
    psnr = "-" if tuned.rung.psnr is None else f"{tuned.rung.psnr:.2f}"
    cells = [tuned.rung.name, f"≈{psnr}" if tuned.estimated else psnr]
    if tuned.times is None:
        return [*cells, f"({tuned.predicted_ms:.0f})", "", "", text]
    times = tuned.times
    return [*cells, f"{times.p50:.1f}", f"{times.p90:.1f}", f"{1e3 / times.p50:.3g}", text]


def _entry(tuned: TunedRung, text: str) -> Dict[str, Any]:
    return {
        "rung": tuned.rung.name,
        "model": tuned.rung.model,
        "options": tuned.rung.options(),
        "psnr_db": tuned.rung.psnr,
        "psnr_estimated": tuned.estimated,
        "predicted_ms": tuned.predicted_ms,
        "measured_ms": None if tuned.times is None else tuned.times.as_dict(),
        "verdict": text,
    }
