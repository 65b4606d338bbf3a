"""Small random networks and what their graphs look like, for tests of the exporter."""

from __future__ import annotations

from typing import Any, Callable, Dict, Mapping

import onnx
import torch

Run = Callable[[onnx.ModelProto, Mapping[str, Any]], Dict[str, Any]]
"""Runs a model once: inputs by name → outputs by name."""

TINY: Dict[str, Dict[str, int]] = {
    "fsrcnn": {"d": 8, "s": 4, "m": 2},
    "carn": {"nf": 8, "groups": 2},
    "srresnet": {"nf": 6, "blocks": 2},
}
"""Backbone → arguments of a small one."""


def randomise(module: Any) -> None:
    """Give batch norms statistics, and activations slopes, that matter."""
    for layer in module.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            if layer.running_mean is not None and layer.running_var is not None:
                layer.running_mean.uniform_(-0.5, 0.5)
                layer.running_var.uniform_(0.5, 2)
            if layer.affine:
                torch.nn.init.uniform_(layer.weight, 0.5, 1.5)
                torch.nn.init.uniform_(layer.bias, -0.5, 0.5)
        if isinstance(layer, torch.nn.PReLU):
            torch.nn.init.uniform_(layer.weight, -0.3, 0.6)


def signature(values: Any) -> Dict[str, Any]:
    """Return name → (element type, shape) of a graph's inputs or outputs."""
    return {
        value.name: (
            value.type.tensor_type.elem_type,
            [dim.dim_param or dim.dim_value for dim in value.type.tensor_type.shape.dim],
        )
        for value in values
    }
