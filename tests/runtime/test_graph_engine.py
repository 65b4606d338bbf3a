"""The engine of one graph of a bundle."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from pcsr_edge.errors import BundleError, EngineError
from pcsr_edge.runtime.backends.onnxruntime import OnnxRuntimeBackend
from pcsr_edge.runtime.bundle import Bundle, load_bundle
from pcsr_edge.runtime.graph_engine import load_engine

TINY = Path(__file__).parents[1] / "data" / "tiny-plain-x4"
IMAGE = np.zeros((1, 3, 5, 6), np.float32)


def test_a_graph_runs() -> None:
    with load_engine(load_bundle(TINY), OnnxRuntimeBackend(), "network") as engine:
        assert engine.run({"image": IMAGE})["phases"].shape == (1, 48, 5, 6)


def test_outputs_are_held_against_the_manifest() -> None:
    bundle = load_bundle(TINY)
    wrong = Bundle(bundle.folder, dataclasses.replace(bundle.manifest, scale=2))
    engine = load_engine(wrong, OnnxRuntimeBackend(), "network")
    with engine, pytest.raises(EngineError, match="network gave its output phases as 1x48x5x6"):
        engine.run({"image": IMAGE})


def test_a_precision_that_is_not_there_is_refused() -> None:
    with pytest.raises(BundleError, match="has no int8 graphs"):
        load_engine(load_bundle(TINY), OnnxRuntimeBackend(), "network", "int8")
