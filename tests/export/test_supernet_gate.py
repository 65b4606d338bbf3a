"""The gate of supernets lets good graphs pass, and no others."""

from __future__ import annotations

from typing import Dict

import numpy as np
import onnx
import pytest
from onnx import numpy_helper
from support.supernets import tiny_supernet

from pcsr_edge.errors import AccuracyError
from pcsr_edge.export.graph_builder import model_bytes
from pcsr_edge.export.pictures import make_pairs
from pcsr_edge.export.supernet_gate import check_supernet_accuracy
from pcsr_edge.export.supernet_graph import supernet_graphs

PAIRS = make_pairs([np.random.RandomState(4).randint(256, size=(32, 40, 3)).astype(np.uint8)], 2)
Files = Dict[str, Dict[str, bytes]]


def files() -> Files:
    model = tiny_supernet()
    return {
        precision: {n: model_bytes(g) for n, g in supernet_graphs(model, precision, {}).items()}
        for precision in ("fp32", "fp16")
    }


def test_true_graphs_pass() -> None:
    report = check_supernet_accuracy(tiny_supernet(), files(), PAIRS)
    assert report.frame_difference < 1e-5
    assert report.psnr_change("fp16") < 0.02


@pytest.mark.parametrize("precision", ["fp32", "fp16"])
@pytest.mark.parametrize("graph", ["subnet_0", "subnet_1"])
def test_a_changed_weight_is_found(precision: str, graph: str) -> None:
    content = files()
    model = onnx.load_model_from_string(content[precision][graph])
    tensor = next(t for t in model.graph.initializer if t.name == "features.tail.weight")
    values = -numpy_helper.to_array(tensor)
    tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))
    content[precision][graph] = model_bytes(model)
    with pytest.raises(AccuracyError, match=rf"the {precision} graph {graph}"):
        check_supernet_accuracy(tiny_supernet(), content, PAIRS)
