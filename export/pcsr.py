"""From a PCSR checkpoint to a checked bundle."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import List, Optional, Sequence, Union

import numpy as np
import numpy.typing as npt
import onnx
from torch import nn

from pcsr_edge.errors import UsageError
from pcsr_edge.export.bundle_writer import check_target, write_bundle
from pcsr_edge.export.flops import backbone_flops, head_flops
from pcsr_edge.export.gate import check_accuracy
from pcsr_edge.export.graphs import graphs_of
from pcsr_edge.export.memory import peak_floats_per_cell
from pcsr_edge.export.packing import (
    check_arguments,
    checked_bytes,
    file_contents,
    frozen,
    graph_files,
    provenance_of,
)
from pcsr_edge.export.pictures import make_pairs
from pcsr_edge.export.receptive import check_radius
from pcsr_edge.export.report import ExportReport
from pcsr_edge.models import PCSR, Checkpoint
from pcsr_edge.models.mlp import PixelMLP
from pcsr_edge.runtime.manifest import ClassCost, Manifest, Quality

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
        images: HR pictures for the gate, uint8 (H, W, 3); by default our own.
        licence: of the weights, into the manifest's provenance.
        overwrite: replace a bundle that is there.

    Raises:
        UsageError: name, scale, precisions or images make no sense, or it is no PCSR network.
        OutputError: `folder` cannot be written.
        ExportError: the network cannot be translated.
        DialectError: a graph would not run correctly on every target.
        AccuracyError: a graph is not accurate enough. In every case nothing is written.
    """
    check_arguments(name, scale, precisions)
    check_target(folder, overwrite)
    provenance = provenance_of(checkpoint.provenance, licence)
    if not isinstance(checkpoint.model, PCSR):
        raise UsageError(f"expected a PCSR network, got a {type(checkpoint.model).__name__}")
    model = frozen(checkpoint.model, PCSR, "a PCSR network")
    check_radius(model.backbone)
    metadata = {"name": name, "method": METHOD, "scale": str(scale)}
    graphs = {precision: graphs_of(model, precision, metadata, scale) for precision in precisions}
    files = {precision: checked_bytes(each) for precision, each in graphs.items()}
    gate = None
    if verify:
        gate_scale = scale if isinstance(scale, int) else DEFAULT_SCALE
        gate = check_accuracy(model, files, gate_scale, make_pairs(images, gate_scale))
    manifest = _manifest(model, graphs["fp32"]["backbone"], name, scale)
    manifest = dataclasses.replace(
        manifest,
        precisions=graph_files(files),
        quality=tuple(quality),
        provenance=provenance,
    )
    return ExportReport(write_bundle(folder, file_contents(files), manifest, overwrite), gate)


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
