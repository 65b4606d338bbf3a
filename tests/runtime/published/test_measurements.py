"""The published table: whole, cited, and packed from the authors' file."""

from __future__ import annotations

import csv
import gzip
import runpy
from collections import Counter
from pathlib import Path

import pytest
from support.tree import ROOT

from pcsr_edge.runtime.published import CITATION, DEVICES, Measurement, measurements
from pcsr_edge.runtime.published.measurements import TABLE


def find(device: str, model: str) -> Measurement:
    """Return one row."""
    (row,) = (row for row in measurements() if (row.device, row.model) == (device, model))
    return row


def test_every_model_is_there_on_every_device() -> None:
    rows = measurements()
    assert Counter(row.device for row in rows) == dict.fromkeys(DEVICES, 1185)
    families = {"Bicubic": 1, "ESPCN": 100, "FSRCNN": 50, "eSR-CNN": 100}
    families.update({"eSR-MAX": 48, "eSR-TM": 48, "eSR-TR": 48})
    assert Counter(row.family for row in rows if (row.device, row.scale) == ("agx", 3)) == families


def test_a_row_holds_what_was_published() -> None:
    row = find("agx", "Bicubic_s4")
    assert (row.family, row.scale, row.parameters) == ("Bicubic", 4, 416)
    assert (row.psnr["Set5"], row.ssim["Manga109"]) == (28.599, 0.7874)
    assert (row.fps, row.power_mw) == (74.1, 2170)


@pytest.mark.parametrize(("device", "fps"), [("rpi400", 28.17), ("gtx1080", 1726.0)])
def test_each_device_has_its_speed(device: str, fps: float) -> None:
    row = find(device, "Bicubic_s4")
    assert (row.fps, row.power_mw) == (fps, None)


def test_the_file_is_small_and_names_its_source() -> None:
    content = TABLE.read_bytes()
    assert len(content) < 60_000
    assert gzip.decompress(content).decode().startswith(f"# {CITATION}\n")


def test_the_file_is_packed_from_the_authors_table(shared_data: Path) -> None:
    packed = runpy.run_path(str(ROOT / "benchmarks" / "published_table.py"))["packed"]
    with (shared_data / "esr_published.csv").open(newline="") as file:
        content = packed(csv.DictReader(file))
    # Compressors differ between machines, their content does not.
    assert gzip.decompress(content) == gzip.decompress(TABLE.read_bytes())
    assert content[4:8] == TABLE.read_bytes()[4:8] == bytes(4)
