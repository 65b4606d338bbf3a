"""A profile as CSV: one line per case and stage."""

from __future__ import annotations

import csv
import io
from typing import Any, Dict, List

from pcsr_edge.calib.profiling import MeasuredCase, Profile, Summary

WHOLE, UPSCALE = "end_to_end", "upscale"
"""Stages that stand for all: with files, and from pixels to pixels."""


def as_csv(profile: Profile) -> bytes:
    """Return the table; times are in milliseconds, columns have the names of the JSON fields."""
    rows = [row for measured in profile.cases for row in _rows(measured)]
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue().encode("utf-8")


def _rows(measured: MeasuredCase) -> List[Dict[str, Any]]:
    stages: Dict[str, Summary] = {UPSCALE: measured.latency, **measured.stages}
    if measured.end_to_end is not None:
        stages = {WHOLE: measured.end_to_end, **stages}
    case = measured.case
    common = {
        "model": case.model,
        "setting": case.setting,
        "width": case.size[1],
        "height": case.size[0],
        "output_width": case.output_size[1],
        "output_height": case.output_size[0],
        "precision": case.precision,
        "backend": case.backend,
        "threads": case.threads,
        "psnr_db": "" if case.psnr is None else case.psnr,
        "class_fractions": "/".join(f"{share:.4f}" for share in measured.fractions),
        "peak_bytes": "" if measured.peak_bytes is None else measured.peak_bytes,
        "load_ms": round(measured.load_ms, 3),
        "first_frame_ms": round(measured.recording.first_ms, 3),
    }
    return [{**common, "stage": name, **_times(summary)} for name, summary in stages.items()]


def _times(summary: Summary) -> Dict[str, Any]:
    values = summary.as_dict()
    return {"n": values.pop("n"), **{f"{name}_ms": value for name, value in values.items()}}
