"""From a cascade's checkpoint to a checked bundle."""

from __future__ import annotations

from pathlib import Path
from typing import Optional, Sequence, Tuple, Union

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from pcsr_edge.export.bundle_writer import check_target, write_bundle
from pcsr_edge.export.cascade_gate import check_cascade_accuracy
from pcsr_edge.export.cascade_graph import cascade_graphs
from pcsr_edge.export.flops import backbone_flops, count_flops
from pcsr_edge.export.memory import peak_floats_per_cell
from pcsr_edge.export.packing import (
    check_own_scale,
    checked_bytes,
    file_contents,
    frozen,
    graph_files,
    provenance_of,
)
from pcsr_edge.export.pictures import make_pairs
from pcsr_edge.export.receptive import check_radius
from pcsr_edge.export.report import ExportReport
from pcsr_edge.models import Cascade, Checkpoint
from pcsr_edge.runtime.manifest import ClassCost, Manifest, Quality

METHOD = "cascade"


def export_cascade(
    checkpoint: Checkpoint,
    folder: Path,
    *,
    name: str,
    scale: Union[int, str, None] = None,
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
        scale: None, or the network's own; it has no other.
        precisions: `fp32`, and `fp16` if wanted.
        verify: hold the graphs against the network (`cascade_gate.check_cascade_accuracy`).
        quality: measured qualities to put into the manifest.
        images: HR pictures for the gate, uint8 (H, W, 3); by default our own.
        licence: of the weights, into the manifest's provenance.
        overwrite: replace a bundle that is there.

    Raises:
        UsageError: name, scale, precisions or images make no sense, or it is no cascade.
        OutputError: `folder` cannot be written.
        ExportError: the network cannot be translated.
        DialectError: a graph would not run correctly on every target.
        AccuracyError: a graph is not accurate enough. In every case nothing is written.
    """
    model = frozen(checkpoint.model, Cascade, "a cascade")
    own = model.config.scale
    check_own_scale(name, scale, own, precisions)
    check_target(folder, overwrite)
    provenance = provenance_of(checkpoint.provenance, licence)
    trunk = model.reparameterised_trunk()
    check_radius(trunk)
    metadata = {"name": name, "method": METHOD, "scale": str(own)}
    graphs = {precision: cascade_graphs(model, precision, metadata) for precision in precisions}
    files = {precision: checked_bytes(each) for precision, each in graphs.items()}
    gate = check_cascade_accuracy(model, files, make_pairs(images, own)) if verify else None
    manifest = Manifest(
        name=name,
        method=METHOD,
        scale=own,
        channels="rgb",
        backbone_flops_per_cell=backbone_flops(trunk),
        classes=_costs(model),
        classifier_flops_per_query=_per_query(_cell_flops(model, model.gain), own),
        receptive_field=model.receptive_radius,
        block=model.config.block,
        margin=model.config.margin,
        activation_floats_per_cell=peak_floats_per_cell(graphs["fp32"]["trunk"]),
        precisions=graph_files(files),
        quality=tuple(quality),
        provenance=provenance,
    )
    return ExportReport(write_bundle(folder, file_contents(files), manifest, overwrite), gate)


def _costs(model: Cascade) -> Tuple[ClassCost, ClassCost]:
    """Count both classes; the deep part with the margins that its blocks bring."""
    config = model.config
    size = config.block + 2 * config.margin
    block = count_flops(model.reparameterised_deep(), torch.zeros(1, config.channels, size, size))
    light = _cell_flops(model, model.light)
    deep = block / config.block**2
    heavy = _per_query(light + deep, config.scale)
    return ClassCost(heavy), ClassCost(_per_query(light, config.scale))


def _cell_flops(model: Cascade, head: nn.Module) -> float:
    """Count a head of 1x1 convolutions for one cell."""
    return count_flops(nn.Sequential(head), torch.zeros(1, model.config.channels, 1, 1))


def _per_query(per_cell: float, scale: int) -> int:
    return round(per_cell / scale**2)
