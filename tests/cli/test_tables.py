"""Tables and numbers for people, documents for programs."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from pcsr_edge.cli import reports, tables


def test_table_aligns_names_left_and_numbers_right():
    text = tables.table(("name", "dB"), [("a", "1.5"), ("long", "30.25")])
    assert text.splitlines() == ["name     dB", "----  -----", "a       1.5", "long  30.25"]


def test_fields_align_their_values():
    assert tables.fields([("a", "1"), ("long", "2")]) == "a     1\nlong  2"


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (2**30, "1.0 GiB")]
)
def test_bytes(count, text):
    assert tables.bytes_text(count) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.35, "350 ms"), (4.2, "4.2 s"), (59.96, "1 min 0 s"), (200, "3 min 20 s")],
)
def test_seconds(seconds, text):
    assert tables.seconds_text(seconds) == text


@pytest.mark.parametrize(
    ("fractions", "text"),
    [
        ((1.0,), "one class"),
        ((0.43, 0.57), "43% heavy, 57% light"),
        ((0.2, 0.3, 0.5), "20% heavy, 30% class 1, 50% light"),
    ],
)
def test_fractions(fractions, text):
    assert tables.fractions_text(fractions) == text


def test_document_begins_with_its_version():
    text = reports.document("models", {"models": []})
    assert list(json.loads(text)) == ["schema_version", "command", "models"]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_document_has_null_for_what_json_cannot_say(value):
    assert json.loads(reports.document("x", {"psnr": [value]}))["psnr"] == [None]


def test_document_writes_paths_and_tuples():
    data = json.loads(reports.document("x", {"path": Path("a", "b"), "pair": (1, 2.5)}))
    assert (data["path"], data["pair"]) == (str(Path("a", "b")), [1, 2.5])
