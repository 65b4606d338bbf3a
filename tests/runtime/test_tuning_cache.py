"""The cache of what was measured: read again, and never trusted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.fake_model import FakeModel

from pcsr_edge.runtime import tuning_cache
from pcsr_edge.runtime.network import Network
from pcsr_edge.runtime.tuning import BATCHES, Tuning
from pcsr_edge.runtime.tuning_cache import tuning_of


def network(folder: Path) -> Network:
    model = FakeModel(0, 2, dense=True)
    return Network(model.bundle(folder / "bundle"), model.backend(), "fp32")


def test_the_second_time_it_is_read(tmp_path: Path) -> None:
    net = network(tmp_path)
    tuning_of(net, "fp32", "fake", tmp_path / "cache")
    (file,) = (tmp_path / "cache" / "tuning").iterdir()
    file.write_text(json.dumps({"version": 1, "batch": [7, 8], "every_from": [0.5, 1]}))
    assert tuning_of(net, "fp32", "fake", tmp_path / "cache") == Tuning((7, 8), (0.5, 1.0))


DAMAGED = {
    "no-json": "{",
    "list": "[]",
    "other-version": '{"version": 0, "batch": [7, 8], "every_from": [0.5, 1]}',
    "too-few": '{"version": 1, "batch": [7], "every_from": [0.5]}',
    "zero": '{"version": 1, "batch": [0, 8], "every_from": [0.5, 1]}',
    "texts": '{"version": 1, "batch": ["x", 8], "every_from": [0.5, 1]}',
    "no-version": '{"batch": [7, 8], "every_from": [0.5, 1]}',
}


@pytest.mark.parametrize("text", DAMAGED.values(), ids=DAMAGED.keys())
def test_what_is_damaged_is_measured_again(text: str, tmp_path: Path) -> None:
    net = network(tmp_path)
    tuning_of(net, "fp32", "fake", tmp_path / "cache")
    (file,) = (tmp_path / "cache" / "tuning").iterdir()
    file.write_text(text)
    assert set(tuning_of(net, "fp32", "fake", tmp_path / "cache").batch) <= set(BATCHES)
    assert json.loads(file.read_text())["version"] == 1


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    assert tuning_of(network(tmp_path), "fp32", "fake", tmp_path / "cache").batch


def test_other_backends_are_measured_apart(tmp_path: Path) -> None:
    for backend in ("one", "two"):
        tuning_of(network(tmp_path), "fp32", backend, tmp_path / "cache")
    assert len(list((tmp_path / "cache" / "tuning").iterdir())) == 2


def test_without_a_folder_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    net = network(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    monkeypatch.chdir(tmp_path)
    assert tuning_of(net, "fp32", "fake", None).batch
    assert sorted(tmp_path.rglob("*")) == before


def test_other_machines_are_measured_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    info = tmp_path / "cpuinfo"
    monkeypatch.setattr(tuning_cache, "CPUINFO", info)
    for text in ("model name: one\n", "model name: two\n", "model name: two\ncpu MHz: 5\n"):
        info.write_text(text + "\nprocessor: 1\n")
        tuning_of(network(tmp_path), "fp32", "fake", tmp_path / "cache")
    assert len(list((tmp_path / "cache" / "tuning").iterdir())) == 2
