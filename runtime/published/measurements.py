"""The 1185 models that edge-SR's authors trained, with the quality and speed they measured."""

from __future__ import annotations

import csv
import gzip
import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, Iterator, List, Mapping, Optional, Tuple

TABLE = Path(__file__).with_name("edge_sr.csv.gz")
"""Written by `benchmarks/published_table.py`."""
CITATION = (
    "P. Navarrete Michelini, Y. Lu, X. Jiang: edge-SR: Super-Resolution For The Masses, "
    "WACV 2022, arXiv:2108.10335"
)
NOTE = (
    "published by edge-SR's authors, not measured by us; FPS is for Full-HD output on the device "
    "named; how PSNR was measured is not stated: compare these numbers with each other alone"
)
DEVICES: Mapping[str, str] = {
    "agx": "NVIDIA Jetson AGX Xavier",
    "rpi400": "Raspberry Pi 400",
    "gtx1080": "NVIDIA GTX 1080 Max-Q",
}
"""Device → its name in full."""
DATA_SETS = ("Set5", "Set14", "BSDS100", "Urban100", "Manga109")
_SPEEDS = {"agx": "speed_AGX", "rpi400": "speed_RPI", "gtx1080": "speed_MaxQ"}


@dataclass(frozen=True)
class Measurement:
    """One model on one device."""

    device: str
    """One of `DEVICES`."""
    model: str
    """Its id, e.g. `eSR-TM_s2_K7_C4`."""
    family: str
    """The id's first part, e.g. `eSR-TM`."""
    scale: int
    """Magnification."""
    parameters: int
    """Numbers that were learned."""
    psnr: Mapping[str, float]
    """Data set → PSNR of luma in dB."""
    ssim: Mapping[str, float]
    """Data set → SSIM of luma."""
    fps: float
    """Full-HD pictures made in a second."""
    power_mw: Optional[int]
    """Milliwatts while doing so; known for `agx` alone."""


def measurements() -> List[Measurement]:
    """Read the table: device by device, in the table's order."""
    text = gzip.decompress(TABLE.read_bytes()).decode("ascii")
    lines = (line for line in io.StringIO(text) if not line.startswith("#"))
    rows = list(csv.DictReader(lines))
    return [_measurement(device, row) for device in DEVICES for row in rows]


def _measurement(device: str, row: Dict[str, str]) -> Measurement:
    family, scale = _parts(row["model"])
    return Measurement(
        device=device,
        model=row["model"],
        family=family,
        scale=scale,
        parameters=int(row["parameters"]),
        psnr=dict(_per_set(row, "psnr")),
        ssim=dict(_per_set(row, "ssim")),
        fps=float(row[_SPEEDS[device]]),
        power_mw=int(row["power_AGX"]) if device == "agx" else None,
    )


def _per_set(row: Dict[str, str], measure: str) -> Iterator[Tuple[str, float]]:
    for name in DATA_SETS:
        yield name, float(row[f"{measure}_{name}"])


def _parts(model: str) -> Tuple[str, int]:
    match = re.match(r"(.+?)_s(\d)", model)
    assert match is not None, model
    return match[1], int(match[2])
