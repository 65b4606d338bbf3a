"""Packs the measurements that edge-SR's authors published into the table that is shipped.

    python -m benchmarks.published_table RESULTS.csv runtime/published/edge_sr.csv.gz

RESULTS.csv is the authors' table of 1185 models, one line each. Kept are PSNR (to 0.001 dB), SSIM,
parameters, speeds (four digits) and the power on the Jetson; the same input gives the same bytes.
"""

from __future__ import annotations

import csv
import gzip
import io
import sys
from pathlib import Path
from typing import Dict, Iterable

from pcsr_edge.runtime.images.atomic import write_atomically
from pcsr_edge.runtime.published import CITATION, DATA_SETS

FORMATS = {
    **{f"psnr_{name}": ".3f" for name in DATA_SETS},
    **{f"ssim_{name}": ".4f" for name in DATA_SETS},
    "parameters": ".0f",
    "speed_AGX": ".4g",
    "speed_RPI": ".4g",
    "speed_MaxQ": ".4g",
    "power_AGX": ".0f",
}
"""Column → how its numbers are written."""


def packed(rows: Iterable[Dict[str, str]]) -> bytes:
    """Return the file's content."""
    text = io.StringIO(newline="")
    text.write(f"# {CITATION}\n")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["model", *FORMATS])
    for row in rows:
        numbers = [format(float(row[name]), form) for name, form in FORMATS.items()]
        writer.writerow([row["model"], *numbers])
    # No time stamp and no name inside.
    return gzip.compress(text.getvalue().encode("ascii"), 9, mtime=0)


def main() -> None:
    """Pack one file into another."""
    source, target = map(Path, sys.argv[1:])
    with source.open(newline="", encoding="ascii") as file:
        write_atomically(target, packed(csv.DictReader(file)), overwrite=True)


if __name__ == "__main__":
    main()
