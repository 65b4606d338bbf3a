"""From a checkpoint to a checked bundle of ONNX graphs; needs the extra `export` (torch, onnx)."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, List

if TYPE_CHECKING:
    from pcsr_edge.export.checkpoint import export_checkpoint
    from pcsr_edge.export.dialect import check_dialect
    from pcsr_edge.export.report import ExportReport

__all__ = [
    "ExportReport",
    "check_dialect",
    "export_checkpoint",
]

_HOMES = {
    "ExportReport": "report",
    "check_dialect": "dialect",
    "export_checkpoint": "checkpoint",
}


def __getattr__(name: str) -> Any:
    # Loaded on first use: the command line reads the options of export without torch.
    if name in _HOMES:
        return getattr(import_module(f"pcsr_edge.export.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> List[str]:
    return sorted(__all__)
