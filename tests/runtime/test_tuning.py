"""Choices that are measured, and that they change nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Tuple

import numpy as np
import pytest
from support.fake_model import FakeModel

from pcsr_edge.runtime.network import Network
from pcsr_edge.runtime.tuning import BATCHES, NEVER, Tuning, measure
from pcsr_edge.runtime.upscaler import Upscaler


def network(folder: Path, dense: bool = True, classes: int = 2) -> Network:
    model = FakeModel(0, classes, dense=dense)
    return Network(model.bundle(folder / f"{classes}-{dense}"), model.backend(), "fp32")


def test_every_class_gets_its_choices(tmp_path: Path) -> None:
    tuning = measure(network(tmp_path, classes=3))
    assert len(tuning.batch) == len(tuning.every_from) == 3
    assert set(tuning.batch) <= set(BATCHES)
    assert all(0 <= share <= NEVER for share in tuning.every_from)


def test_without_dense_graphs_queries_are_gathered(tmp_path: Path) -> None:
    assert measure(network(tmp_path, dense=False)).every_from == (NEVER, NEVER)


def with_choices(folder: Path, choices: Tuple[Any, Any], monkeypatch: Any) -> Any:
    monkeypatch.setattr("pcsr_edge.runtime.methods.tuning_of", lambda *_: Tuning(*choices))
    model = FakeModel(3, 2, dense=True)
    image = np.random.default_rng(1).random((20, 30, 3)).astype(np.float32)
    with Upscaler(model.bundle(folder), model.backend(), threads=2) as up:
        return up.run(image, k=0.3)


def test_choices_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = with_choices(tmp_path, ((2048, 2048), (NEVER, NEVER)), monkeypatch)
    for choices in (((5, 50), (0.0, 0.0)), ((4096, 1), (NEVER, 0.0))):
        got = with_choices(tmp_path, choices, monkeypatch)
        np.testing.assert_array_equal(got.class_map, expected.class_map)
        np.testing.assert_allclose(got.image, expected.image, atol=1e-6)
