"""Engines: what is not finite never leaves one unseen."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict

import numpy as np
import pytest
from support.fake_model import FakeModel
from support.fake_plain import FakePlain

from pcsr_edge.errors import EngineError
from pcsr_edge.runtime import methods
from pcsr_edge.runtime.engine import Backend, CheckedEngine, Engine, FakeEngine
from pcsr_edge.runtime.tuning import NEVER, Tuning
from pcsr_edge.runtime.upscaler import Upscaler

BAD = pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
IMAGE = np.zeros((4, 5, 3), np.uint8)


def checked(value: float) -> CheckedEngine:
    outputs = {"fine": np.zeros(3, np.float32), "out": np.array([1, value], np.float32)}
    return CheckedEngine(FakeEngine(lambda inputs: outputs), "upsampler_1")


def test_finite_outputs_pass() -> None:
    assert checked(2).run({})["out"].tolist() == [1, 2]


def test_a_sum_that_overflows_is_not_the_outputs_fault() -> None:
    huge = np.full(9, 3e38, np.float32)
    engine = CheckedEngine(FakeEngine(lambda inputs: {"out": huge}), "g")
    assert engine.run({})["out"] is huge


@pytest.mark.parametrize("values", [[np.inf, -np.inf], [np.inf, np.nan]])
def test_infinities_do_not_cancel(values: Any) -> None:
    outputs = {"out": np.array(values, np.float32)}
    with pytest.raises(EngineError):
        CheckedEngine(FakeEngine(lambda inputs: outputs), "g").run({})


@BAD
def test_what_is_not_finite_names_graph_and_output(value: float) -> None:
    with pytest.raises(EngineError, match=r"graph upsampler_1 gave NaN.*output out;.*fp32"):
        checked(value).run({})


def test_closing_a_checked_engine_closes_the_one_inside() -> None:
    closed = []

    class Inner(FakeEngine):
        def close(self) -> None:
            closed.append(True)

    with CheckedEngine(Inner(dict), "g"):
        assert not closed
    assert closed == [True]


def spoilt(backend: Backend, graph: str, value: float) -> Backend:
    """Return the backend, with `value` in every output of one graph."""

    class Spoilt(Backend):
        name = "spoilt"

        def load(self, content: bytes, threads: int) -> Engine:
            engine = backend.load(content, threads)

            def run(inputs: Any) -> Dict[str, Any]:
                outputs = engine.run(inputs)
                for array in outputs.values():
                    array.flat[-1] = value
                return outputs

            return FakeEngine(run) if content == graph.encode() else engine

    return Spoilt()


@BAD
@pytest.mark.parametrize(
    ("graph", "options"),
    [
        ("backbone", {}),
        ("classifier", {}),
        ("upsampler_0", {"force_class": 0}),
        ("upsampler_1", {"force_class": 1}),
    ],
)
def test_a_spoilt_graph_fails_the_frame(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, graph: str, options: Any, value: float
) -> None:
    # Loading would fail already, where the network is measured.
    monkeypatch.setattr(methods, "tuning_of", lambda *_: Tuning((1024,) * 2, (NEVER,) * 2))
    model = FakeModel(0)
    backend = spoilt(model.backend(), graph, value)
    with Upscaler(model.bundle(tmp_path), backend) as up, pytest.raises(EngineError, match=graph):
        up.run(IMAGE, **options)


def test_a_spoilt_graph_cannot_be_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PCSR_EDGE_CACHE", str(tmp_path / "cache"))
    model = FakeModel(0)
    with pytest.raises(EngineError, match="backbone"):
        Upscaler(model.bundle(tmp_path), spoilt(model.backend(), "backbone", np.nan))
    assert not (tmp_path / "cache").exists()


@BAD
def test_a_spoilt_plain_network_fails_the_frame(tmp_path: Path, value: float) -> None:
    model = FakePlain()
    backend = spoilt(model.backend(), "network", value)
    with Upscaler(model.bundle(tmp_path), backend) as up, pytest.raises(EngineError):
        up.run(IMAGE)
