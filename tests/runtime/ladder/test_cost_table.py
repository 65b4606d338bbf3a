"""The cost table: kept between runs; no trouble with its file is an error."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pcsr_edge.runtime.ladder import Rung
from pcsr_edge.runtime.ladder.cost import BatchTime, Cost, Point
from pcsr_edge.runtime.ladder.cost_table import CostTable

MACHINE = {"cpu": "a", "threads": "2"}
RUNG, OTHER = Rung("r", identity="one"), Rung("r", k=1.0, identity="two")
ENGINES = {"upsampler_0": (BatchTime(16_000, 2.0), BatchTime(80_000, 9.5))}
COST = Cost(Point(1000, 2.5), Point(5000, 10.0), "2020-01-02T03:04:05+00:00", ENGINES)


def only_file(folder: Path) -> Path:
    (path,) = (p for p in folder.rglob("*") if p.is_file())
    return path


def test_what_was_measured_is_there_the_next_time(tmp_path: Path) -> None:
    CostTable(MACHINE, tmp_path).put(RUNG, COST)
    table = CostTable(MACHINE, tmp_path)
    assert table.get(RUNG) == COST
    assert table.get(OTHER) is None


def test_nothing_is_left_beside_the_file(tmp_path: Path) -> None:
    table = CostTable(MACHINE, tmp_path)
    table.put(RUNG, COST)
    table.put(OTHER, COST)
    assert only_file(tmp_path) == table.path


@pytest.mark.parametrize("change", [{"cpu": "b"}, {"threads": "1"}, {"numpy": "2"}])
def test_another_machine_has_other_costs(tmp_path: Path, change: dict) -> None:  # type: ignore[type-arg]
    CostTable(MACHINE, tmp_path).put(RUNG, COST)
    assert CostTable({**MACHINE, **change}, tmp_path).get(RUNG) is None


def test_a_file_of_another_machine_under_our_name_is_not_believed(tmp_path: Path) -> None:
    CostTable(MACHINE, tmp_path).put(RUNG, COST)
    path = only_file(tmp_path)
    path.write_text(path.read_text().replace('"cpu": "a"', '"cpu": "b"'))
    assert CostTable(MACHINE, tmp_path).get(RUNG) is None


GOOD = {"small": [1000, 2.5], "large": [5000, 10.0], "date": "d", "engines": {"e": [[9, 1.5]]}}
DAMAGE = {
    "empty": "",
    "cut-off": '{"schema_version": 1, "mach',
    "list": "[]",
    "null": "null",
    "other-schema": json.dumps({"schema_version": 1, "machine": MACHINE, "costs": {"one": GOOD}}),
    "binary": "\x00\x01",
    "deep": "[" * 10**5,
    **{
        name: json.dumps(
            {"schema_version": 2, "machine": MACHINE, "costs": {"one": {**GOOD, **entry}}}
        )
        for name, entry in {
            "negative": {"small": [1000, -1.0]},
            "no-pixels": {"small": [0, 1.0]},
            "three-numbers": {"large": [1, 2, 3]},
            "text": {"large": "fast"},
            "not-a-number": {"large": [5000, float("nan")]},
            "large-is-small": {"large": [10, 10.0]},
            "no-time": {"small": [1000, 0.0]},
            "empty-batch": {"engines": {"e": [[0, 1.0]]}},
            "endless-time": {"engines": {"e": [[9, 10**400]]}},
            "no-batches": {"engines": {"e": []}},
            "engines-as-list": {"engines": [[9, 1.5]]},
            "no-engines": {"engines": None},
        }.items()
    },
}


@pytest.mark.parametrize("text", DAMAGE.values(), ids=DAMAGE.keys())
def test_a_damaged_file_is_made_anew(tmp_path: Path, text: str) -> None:
    CostTable(MACHINE, tmp_path).put(RUNG, COST)
    path = only_file(tmp_path)
    path.write_text(text)
    table = CostTable(MACHINE, tmp_path)
    assert table.get(RUNG) is None
    table.put(OTHER, COST)
    assert CostTable(MACHINE, tmp_path).get(OTHER) == COST


def test_bytes_that_are_no_text_are_damage(tmp_path: Path) -> None:
    CostTable(MACHINE, tmp_path).put(RUNG, COST)
    only_file(tmp_path).write_bytes(b"\xff\xfe")
    assert CostTable(MACHINE, tmp_path).get(RUNG) is None


def test_a_folder_that_cannot_be_made_costs_only_the_next_measurement(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    table = CostTable(MACHINE, tmp_path / "file")
    table.put(RUNG, COST)
    assert table.get(RUNG) == COST
    assert CostTable(MACHINE, tmp_path / "file").get(RUNG) is None


def test_without_a_folder_costs_live_as_long_as_the_table(tmp_path: Path) -> None:
    table = CostTable(MACHINE, None)
    table.put(RUNG, COST)
    assert table.get(RUNG) == COST


def test_a_failed_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = CostTable(MACHINE, tmp_path)
    table.put(RUNG, COST)
    before = only_file(tmp_path).read_bytes()

    def refuse(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("os.replace", refuse)
    table.put(OTHER, COST)
    assert only_file(tmp_path).read_bytes() == before


def test_two_processes_keep_what_both_measured(tmp_path: Path) -> None:
    one, two = CostTable(MACHINE, tmp_path), CostTable(MACHINE, tmp_path)
    one.put(RUNG, COST)
    two.put(OTHER, COST)
    assert CostTable(MACHINE, tmp_path).get(RUNG) == COST


def test_what_is_forgotten_is_gone(tmp_path: Path) -> None:
    table = CostTable(MACHINE, tmp_path)
    table.put(RUNG, COST)
    table.forget()
    assert table.get(RUNG) is None
    assert CostTable(MACHINE, tmp_path).get(RUNG) is None


def test_the_good_file_of_these_tests_is_good(tmp_path: Path) -> None:
    CostTable(MACHINE, tmp_path).put(RUNG, COST)
    document = {"schema_version": 2, "machine": MACHINE, "costs": {"one": GOOD}}
    only_file(tmp_path).write_text(json.dumps(document))
    cost = CostTable(MACHINE, tmp_path).get(RUNG)
    assert cost is not None
    assert cost.engines == {"e": (BatchTime(9, 1.5),)}
