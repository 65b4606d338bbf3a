"""The cache of engines."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pcsr_edge.errors import EngineError
from pcsr_edge.runtime.engines.identity import Identity, Place
from pcsr_edge.runtime.engines.shelf import Record, Shelf

PLACE = Place("8.5.2.2", "Xavier", "7.2")
IDENTITY = Identity("ab" * 32, "fp16", {"image": "1x3x1x1..1x3x64x64"}, PLACE)
PLAN = b"a plan\nof two lines"


def record(identity: Identity = IDENTITY, seconds: float = 3.5) -> Record:
    digest = hashlib.sha256(PLAN).hexdigest()
    return Record(identity, "backbone", "tiny", seconds, "2026-01-01T00:00:00+00:00", digest)


@pytest.fixture(name="shelf")
def _shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "engines")


def test_an_engine_is_found_again(shelf: Shelf) -> None:
    assert shelf.find(IDENTITY) is None
    shelf.keep(record(), PLAN)
    assert shelf.find(IDENTITY) == PLAN
    assert [kept.record for kept in shelf.kept()] == [record()]


@pytest.mark.parametrize(
    "change",
    [
        {"graph": "cd" * 32},
        {"precision": "fp32"},
        {"shapes": {"image": "1x3x270x480"}},
        {"place": replace(PLACE, tensorrt="8.6.1")},
        {"place": replace(PLACE, gpu="Orin")},
        {"place": replace(PLACE, capability="8.7")},
    ],
    ids=lambda change: next(iter(change)),
)
def test_an_engine_belongs_to_all_of_its_identity(shelf: Shelf, change: Any) -> None:
    shelf.keep(record(), PLAN)
    assert shelf.find(replace(IDENTITY, **change)) is None


def test_what_differs_is_told(shelf: Shelf) -> None:
    shelf.keep(record(), PLAN)
    newer = replace(IDENTITY, place=replace(PLACE, tensorrt="8.6.1"))
    assert [r.identity for r in shelf.relatives(newer)] == [IDENTITY]
    assert newer.differences(IDENTITY) == ["tensorrt 8.5.2.2, now 8.6.1"]
    assert shelf.relatives(IDENTITY) == []


@pytest.mark.parametrize(
    "damage", [b"", b"{}", b'{"pcsr_edge_engine": 2}\nx', b"\xff\xfe\n", b"[]\n"]
)
def test_a_file_that_is_no_engine_is_none(shelf: Shelf, damage: bytes) -> None:
    shelf.keep(record(), PLAN)
    kept = shelf.kept()[0]
    kept.path.write_bytes(damage)
    assert shelf.find(IDENTITY) is None
    assert shelf.kept()[0].record is None


@pytest.mark.parametrize(
    ("field", "value"),
    [("graph", 1), ("model", {}), ("seconds", "3"), ("created", 0), ("identity", {})],
)
def test_a_record_of_other_types_is_none(shelf: Shelf, field: str, value: Any) -> None:
    head = json.loads(record().to_line())
    assert written(shelf, {**head, field: value}) is None


@pytest.mark.parametrize(
    ("field", "value"),
    [("shapes", 6), ("shapes", {"image": 1}), ("graph", 4), ("place", {"tensorrt": 1})],
)
def test_an_identity_of_other_types_is_none(shelf: Shelf, field: str, value: Any) -> None:
    head = json.loads(record().to_line())
    assert written(shelf, {**head, "identity": {**head["identity"], field: value}}) is None


def test_a_head_of_many_brackets_is_none(shelf: Shelf) -> None:
    shelf.keep(record(), PLAN)
    [kept] = shelf.kept()
    kept.path.write_bytes(b"[" * 60_000)
    assert shelf.kept()[0].record is None


def written(shelf: Shelf, head: Any) -> Any:
    """Write an engine with another first line, and return what is read of it."""
    shelf.keep(record(), PLAN)
    [kept] = shelf.kept()
    kept.path.write_bytes(json.dumps(head).encode() + b"\n" + PLAN)
    return shelf.kept()[0].record


def test_a_cut_off_engine_is_none(shelf: Shelf) -> None:
    shelf.keep(record(), PLAN)
    path = shelf.kept()[0].path
    path.write_bytes(path.read_bytes()[:-1])
    assert shelf.find(IDENTITY) is None


def test_times_are_those_of_this_place(shelf: Shelf) -> None:
    elsewhere = replace(IDENTITY, place=replace(PLACE, gpu="Orin"))
    shelf.keep(record(), PLAN)
    shelf.keep(record(elsewhere, 9.0), PLAN)
    assert shelf.seconds(PLACE) == [3.5]


def test_timings_are_kept_per_place(shelf: Shelf) -> None:
    assert shelf.timings(PLACE) == b""
    shelf.keep_timings(PLACE, b"measured")
    assert shelf.timings(PLACE) == b"measured"
    assert shelf.timings(replace(PLACE, tensorrt="8.6.1")) == b""


def test_the_probe_leaves_nothing(shelf: Shelf) -> None:
    shelf.check_writable()
    assert shelf.folder is not None
    assert os.listdir(shelf.folder) == []


def test_a_folder_that_cannot_be_written_is_told_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EngineError, match=r"cannot be kept.*PCSR_EDGE_CACHE"):
        Shelf(tmp_path / "file" / "engines").check_writable()


def test_a_user_without_a_home_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pcsr_edge.runtime.engines.shelf.cache_folder", lambda: None)
    shelf = Shelf()
    assert shelf.find(IDENTITY) is None
    assert shelf.kept() == shelf.clear() == []
    with pytest.raises(EngineError, match="no home; name a folder in PCSR_EDGE_CACHE"):
        shelf.check_writable()


def test_clearing_leaves_other_files(shelf: Shelf) -> None:
    shelf.keep(record(), PLAN)
    shelf.keep_timings(PLACE, b"measured")
    assert shelf.folder is not None
    (shelf.folder / "notes.txt").write_text("mine")
    assert [kept.record for kept in shelf.clear()] == [record()]
    assert os.listdir(shelf.folder) == ["notes.txt"]
