"""What every export does around its graphs: arguments, file names, hashes, provenance."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any, Dict, Mapping, Optional, Sequence, Union

import onnx

import pcsr_edge
from pcsr_edge.errors import CheckpointError, UsageError
from pcsr_edge.export.dialect import check_dialect
from pcsr_edge.export.graph_builder import PRECISIONS, model_bytes
from pcsr_edge.runtime.manifest import GraphFile

Files = Mapping[str, Mapping[str, bytes]]
"""Precision → graph name → content."""


def file_name(graph: str, precision: str) -> str:
    """Return the name of a graph's file inside a bundle."""
    return f"{graph}.{precision}.onnx"


def check_arguments(name: str, scale: Union[int, str], precisions: Sequence[str]) -> None:
    """Hold what was asked for against what can be exported.

    Raises:
        UsageError: name, scale or precisions make no sense.
    """
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]*", name):
        raise UsageError(
            f"the model's name is {name!r}, expected letters, digits, '.', '_' and '-', not "
            "beginning with a dot; give another with --name"
        )
    if scale != "any" and (not isinstance(scale, int) or scale < 1):
        raise UsageError(f"scale {scale!r} makes no sense, expected a whole number or 'any'")
    unknown = [precision for precision in precisions if precision not in PRECISIONS]
    if unknown:
        raise UsageError(
            f"precision {unknown[0]!r} cannot be exported; known are {', '.join(PRECISIONS)}"
        )
    if "fp32" not in precisions:
        raise UsageError("every bundle needs fp32 graphs; add fp32 to --precision")
    if len(set(precisions)) != len(precisions):
        raise UsageError(f"a precision is named twice in {', '.join(precisions)}; name each once")


def checked_bytes(graphs: Mapping[str, onnx.ModelProto]) -> Dict[str, bytes]:
    """Hold graphs against the dialect and serialise them.

    Raises:
        DialectError: a graph would not run correctly on every target.
    """
    for graph in graphs.values():
        check_dialect(graph)
    return {name: model_bytes(graph) for name, graph in graphs.items()}


def graph_files(files: Files) -> Dict[str, Dict[str, GraphFile]]:
    """Return what a manifest says of `files`."""
    return {
        precision: {
            graph: GraphFile(file_name(graph, precision), hashlib.sha256(content).hexdigest())
            for graph, content in each.items()
        }
        for precision, each in files.items()
    }


def file_contents(files: Files) -> Dict[str, bytes]:
    """Return name of the file in the bundle → content."""
    return {
        file_name(graph, precision): content
        for precision, each in files.items()
        for graph, content in each.items()
    }


def provenance_of(known: Mapping[str, Any], licence: Optional[str]) -> Dict[str, Any]:
    """Return a checkpoint's provenance as a manifest tells it.

    Raises:
        CheckpointError: it is no plain JSON data.
    """
    out = {**known, "exporter": f"pcsr-edge {pcsr_edge.__version__}"}
    if licence is not None:
        out["licence"] = licence
    try:
        json.dumps(out)
    except (TypeError, ValueError) as exc:
        raise CheckpointError(
            f"the checkpoint's provenance cannot be written as JSON ({exc}); it must be plain data"
        ) from exc
    return out
