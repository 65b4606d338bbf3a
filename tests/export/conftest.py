"""Small random networks, and their graphs in an engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable, Dict, Mapping

import numpy as np
import onnx
import pytest

torch = pytest.importorskip("torch", reason="the exporter needs torch", exc_type=ImportError)

from pcsr_edge.export.graph_builder import model_bytes
from pcsr_edge.models import PCSR, PCSRConfig
from pcsr_edge.runtime.backends import OnnxRuntimeBackend

Run = Callable[[onnx.ModelProto, Mapping[str, Any]], Dict[str, Any]]

TINY = {
    "fsrcnn": {"d": 8, "s": 4, "m": 2},
    "carn": {"nf": 8, "groups": 2},
    "srresnet": {"nf": 6, "blocks": 2},
}


def randomise(module: Any) -> None:
    """Give batch norms statistics and slopes that matter."""
    for layer in module.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.running_mean.uniform_(-0.5, 0.5)
            layer.running_var.uniform_(0.5, 2)
            torch.nn.init.uniform_(layer.weight, 0.5, 1.5)
            torch.nn.init.uniform_(layer.bias, -0.5, 0.5)
        if isinstance(layer, torch.nn.PReLU):
            torch.nn.init.uniform_(layer.weight, -0.3, 0.6)


@pytest.fixture(name="make_model")
def _make_model() -> Callable[..., PCSR]:
    def make(backbone: str = "fsrcnn", **config: Any) -> PCSR:
        torch.manual_seed(3)
        config.setdefault("upsamplers", ((8, 8), (4,)))
        model = PCSR(PCSRConfig(backbone, TINY[backbone], **config)).eval()
        randomise(model)
        return model.requires_grad_(False)

    return make


@pytest.fixture(name="run")
def _run() -> Run:
    def run(model: onnx.ModelProto, inputs: Mapping[str, Any]) -> Dict[str, Any]:
        with OnnxRuntimeBackend().load(model_bytes(model), 1) as engine:
            return engine.run(inputs)

    return run


@pytest.fixture(name="image")
def _image() -> Any:
    return np.random.RandomState(5).uniform(size=(1, 3, 9, 13)).astype(np.float32)


@pytest.fixture(name="target")
def _target(tmp_path: Path) -> Path:
    return tmp_path / "bundle"
