"""Small random networks, and their graphs in an engine; all needs torch and onnx."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping

import numpy as np
import pytest

collect_ignore_glob: List[str] = []
if find_spec("torch") is None or find_spec("onnx") is None:
    # On a device, where the exporter is not installed.
    collect_ignore_glob.append("*")


@pytest.fixture(name="make_model", scope="session")
def _make_model() -> Callable[..., Any]:
    import torch
    from support.networks import TINY, randomise

    from pcsr_edge.models import PCSR, PCSRConfig

    def make(backbone: str = "fsrcnn", **config: Any) -> PCSR:
        torch.manual_seed(3)
        config.setdefault("upsamplers", ((8, 8), (4,)))
        model = PCSR(PCSRConfig(backbone, TINY[backbone], **config)).eval()
        randomise(model)
        return model.requires_grad_(False)

    return make


@pytest.fixture(name="run")
def _run() -> Callable[..., Dict[str, Any]]:
    from pcsr_edge.export.graph_builder import model_bytes
    from pcsr_edge.runtime.backends import OnnxRuntimeBackend

    def run(model: Any, inputs: Mapping[str, Any]) -> Dict[str, Any]:
        with OnnxRuntimeBackend().load(model_bytes(model), 1) as engine:
            return engine.run(inputs)

    return run


@pytest.fixture(name="image")
def _image() -> Any:
    return np.random.RandomState(5).uniform(size=(1, 3, 9, 13)).astype(np.float32)


@pytest.fixture(name="target")
def _target(tmp_path: Path) -> Path:
    return tmp_path / "bundle"
