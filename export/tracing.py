"""The calls that a network makes, found by torch.fx: what both graphs and FLOP counts need."""

from __future__ import annotations

import operator
from typing import Any, Callable, Dict, Mapping

import torch
from torch import fx, nn
from torch.nn import functional as F

from pcsr_edge.errors import ExportError

FUNCTIONS: Mapping[Callable[..., Any], str] = {
    operator.add: "add",
    operator.iadd: "add",
    torch.add: "add",
    torch.cat: "concat",
    torch.relu: "relu",
    F.relu: "relu",
}
"""Functions that a backbone may call between its layers."""
METHODS: Mapping[str, str] = {"add": "add", "relu": "relu"}
"""Tensor methods that it may call."""


class FlatTracer(fx.Tracer):
    """Follows calls down to single layers of torch.nn, also through our own modules."""

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        """Stop at layers, not at containers."""
        return type(m).__module__.startswith("torch.nn") and not isinstance(m, nn.Sequential)


def trace(network: nn.Module) -> fx.GraphModule:
    """List the calls of `network`, without running it on values.

    Raises:
        ExportError: the calls depend on values, or the network hides what it calls.
    """
    name = type(network).__name__
    try:
        graph = FlatTracer().trace(network)
    except Exception as exc:  # Tracing runs the network's own code, which may raise anything.
        raise ExportError(
            f"{name} cannot be exported: its forward does not trace ({exc}); it must be a fixed "
            "sequence of layers"
        ) from exc
    return fx.GraphModule(network, graph)


def function_kind(node: fx.Node) -> str:
    """Return what a `call_function` or `call_method` node does: `add`, `concat` or `relu`.

    Raises:
        ExportError: it is none of these.
    """
    table: Mapping[Any, str] = METHODS if node.op == "call_method" else FUNCTIONS
    kind = table.get(node.target)
    if kind is None:
        called = getattr(node.target, "__name__", str(node.target))
        known = sorted({*FUNCTIONS.values(), *METHODS.values()})
        raise ExportError(
            f"the network calls {called} (at {node.name}), which cannot be exported; known are "
            f"{', '.join(known)}, and layers of torch.nn (docs/adding_a_backbone.md)"
        )
    return kind


def modules_of(traced: fx.GraphModule) -> Dict[str, nn.Module]:
    """Return path → layer."""
    return dict(traced.named_modules())
