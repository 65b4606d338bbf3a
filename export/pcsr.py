"""From a PCSR checkpoint to a checked bundle."""

from __future__ import annotations

import copy
import dataclasses
import hashlib
import json
import re
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Union

import numpy as np
import numpy.typing as npt
import onnx
from torch import nn

import pcsr_edge
from pcsr_edge.errors import CheckpointError, UsageError
from pcsr_edge.export.bundle_writer import check_target, write_bundle
from pcsr_edge.export.dialect import check_dialect
from pcsr_edge.export.flops import backbone_flops, head_flops
from pcsr_edge.export.gate import check_accuracy
from pcsr_edge.export.graph_builder import PRECISIONS, model_bytes
from pcsr_edge.export.graphs import Graphs, graphs_of
from pcsr_edge.export.memory import peak_floats_per_cell
from pcsr_edge.export.pictures import make_pairs
from pcsr_edge.export.receptive import check_radius
from pcsr_edge.export.report import ExportReport
from pcsr_edge.models import PCSR, Checkpoint
from pcsr_edge.models.mlp import PixelMLP
from pcsr_edge.runtime.manifest import ClassCost, GraphFile, Manifest, Quality

DEFAULT_SCALE = 4
"""Scale of a checkpoint that does not tell its own."""
METHOD = "pcsr"


def export_pcsr(
    checkpoint: Checkpoint,
    folder: Path,
    *,
    name: str,
    scale: Union[int, str],
    precisions: Sequence[str] = ("fp32", "fp16"),
    verify: bool = True,
    quality: Sequence[Quality] = (),
    images: Sequence[npt.NDArray[np.uint8]] = (),
    licence: Optional[str] = None,
    overwrite: bool = False,
) -> ExportReport:
    """Write `checkpoint` as a bundle; exporting it again gives the same bytes.

    Args:
        checkpoint: a trained network; it is not changed.
        folder: of the bundle; its parents are made.
        name: of the model.
        scale: integer magnification it was trained for, or `any`.
        precisions: `fp32`, and `fp16` if wanted.
        verify: hold the graphs against the network (`gate.check_accuracy`).
        quality: measured qualities to put into the manifest.
        images: HR pictures for the gate, uint8 (H, W, 3); by default drawn ones.
        licence: of the weights, into the manifest's provenance.
        overwrite: replace a bundle that is there.

    Raises:
        UsageError: name, scale, precisions or images make no sense.
        OutputError: `folder` cannot be written.
        ExportError: the network cannot be translated.
        DialectError: a graph would not run correctly on every target.
        AccuracyError: a graph is not accurate enough. In every case nothing is written.
    """
    _check_arguments(name, scale, precisions)
    check_target(folder, overwrite)
    provenance = _provenance(checkpoint.provenance, licence)
    model = _frozen(checkpoint.model)
    check_radius(model.backbone)
    metadata = {"name": name, "method": METHOD, "scale": str(scale)}
    graphs = {precision: graphs_of(model, precision, metadata) for precision in precisions}
    files = {precision: _checked_bytes(each) for precision, each in graphs.items()}
    gate = None
    if verify:
        gate_scale = scale if isinstance(scale, int) else DEFAULT_SCALE
        gate = check_accuracy(model, files, gate_scale, make_pairs(images, gate_scale))
    manifest = _manifest(model, graphs["fp32"]["backbone"], name, scale)
    manifest = dataclasses.replace(
        manifest,
        precisions=_graph_files(files),
        quality=tuple(quality),
        provenance=provenance,
    )
    contents = {
        file_name(graph, precision): content
        for precision, each in files.items()
        for graph, content in each.items()
    }
    return ExportReport(write_bundle(folder, contents, manifest, overwrite), gate)


def file_name(graph: str, precision: str) -> str:
    """Return the name of a graph's file inside a bundle."""
    return f"{graph}.{precision}.onnx"


def _check_arguments(name: str, scale: Union[int, str], precisions: Sequence[str]) -> None:
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


def _frozen(model: PCSR) -> PCSR:
    """Return a copy as it behaves after training, in float32 on the CPU."""
    return copy.deepcopy(model).eval().float().cpu().requires_grad_(False)


def _upsamplers(model: PCSR) -> List[PixelMLP]:
    modules: List[nn.Module] = list(model.upsamplers)
    return [module for module in modules if isinstance(module, PixelMLP)]


def _manifest(
    model: PCSR, backbone: onnx.ModelProto, name: str, scale: Union[int, str]
) -> Manifest:
    """Describe the network; files, quality and provenance are left empty."""
    return Manifest(
        name=name,
        method=METHOD,
        scale=scale,
        channels="rgb",
        classes=tuple(ClassCost(head_flops(head)) for head in _upsamplers(model)),
        backbone_flops_per_cell=backbone_flops(model.backbone),
        classifier_flops_per_query=0 if model.classifier is None else head_flops(model.classifier),
        mean=model.config.mean,
        std=model.config.std,
        receptive_field=model.backbone.receptive_radius,
        activation_floats_per_cell=peak_floats_per_cell(backbone),
        precisions={},
    )


def _checked_bytes(graphs: Graphs) -> Dict[str, bytes]:
    for graph in graphs.values():
        check_dialect(graph)
    return {name: model_bytes(graph) for name, graph in graphs.items()}


def _graph_files(files: Dict[str, Dict[str, bytes]]) -> Dict[str, Dict[str, GraphFile]]:
    return {
        precision: {
            graph: GraphFile(file_name(graph, precision), hashlib.sha256(content).hexdigest())
            for graph, content in each.items()
        }
        for precision, each in files.items()
    }


def _provenance(known: Dict[str, Any], licence: Optional[str]) -> Dict[str, Any]:
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
