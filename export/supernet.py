"""From a supernet's checkpoint (ARM, WBSR) to a checked bundle."""

from __future__ import annotations

from pathlib import Path
from typing import Dict, Mapping, Optional, Sequence, Tuple, Union

import numpy as np
import numpy.typing as npt
import onnx

from pcsr_edge.export.bundle_writer import check_target, write_bundle
from pcsr_edge.export.flops import backbone_flops
from pcsr_edge.export.graph_builder import model_bytes
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
from pcsr_edge.export.supernet_gate import check_supernet_accuracy
from pcsr_edge.export.supernet_graph import subnet_name, supernet_graphs, without_shared
from pcsr_edge.models import Checkpoint, Supernet, method_of
from pcsr_edge.runtime.manifest import ClassCost, Manifest, Quality

DEFAULT_ETA = 4.0
"""Near the widest subnet's quality, with patches that gain little left to cheaper ones."""


def export_supernet(
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

    The bundle lacks the table that gives patches their subnets: it is measured on pictures, by
    `pcsr-edge calibrate edge-psnr` or `gradient-map`.

    Args:
        checkpoint: a trained network; it is not changed.
        folder: of the bundle; its parents are made.
        name: of the model.
        scale: None, or the network's own; it has no other.
        precisions: `fp32`, and `fp16` if wanted.
        verify: hold the graphs against the network (`supernet_gate.check_supernet_accuracy`).
        quality: measured qualities to put into the manifest.
        images: HR pictures for the gate, uint8 (H, W, 3); by default our own.
        licence: of the weights, into the manifest's provenance.
        overwrite: replace a bundle that is there.

    Raises:
        UsageError: name, scale, precisions or images make no sense, or it is no supernet.
        OutputError: `folder` cannot be written.
        ExportError: the network cannot be translated.
        DialectError: a graph would not run correctly on every target.
        AccuracyError: a graph is not accurate enough. In every case nothing is written.
    """
    model = frozen(checkpoint.model, Supernet, "a supernet")
    config, method = model.config, method_of(model.config)
    check_own_scale(name, scale, config.scale, precisions)
    check_target(folder, overwrite)
    provenance = provenance_of(checkpoint.provenance, licence)
    for index in range(len(config.widths)):
        check_radius(model.subnet(index))
    metadata = {"name": name, "method": method, "scale": str(config.scale)}
    graphs = {precision: supernet_graphs(model, precision, metadata) for precision in precisions}
    whole = {precision: checked_bytes(each) for precision, each in graphs.items()}
    gate = (
        check_supernet_accuracy(model, whole, make_pairs(images, config.scale)) if verify else None
    )
    files = {precision: _stored(each) for precision, each in graphs.items()}
    manifest = Manifest(
        name=name,
        method=method,
        scale=config.scale,
        channels="rgb",
        backbone_flops_per_cell=0,
        classes=_costs(model),
        receptive_field=model.receptive_radius,
        patch=config.patch,
        step=config.step,
        default_eta=DEFAULT_ETA,
        activation_floats_per_cell=peak_floats_per_cell(graphs["fp32"][subnet_name(0)]),
        precisions=graph_files(files),
        quality=tuple(quality),
        provenance=provenance,
    )
    return ExportReport(write_bundle(folder, file_contents(files), manifest, overwrite), gate)


def _stored(graphs: Mapping[str, onnx.ModelProto]) -> Dict[str, bytes]:
    """Serialise the graphs, each weight once."""
    widest = graphs[subnet_name(0)]
    kept = {
        name: graph if graph is widest else without_shared(graph, widest)
        for name, graph in graphs.items()
    }
    return {name: model_bytes(graph) for name, graph in kept.items()}


def _costs(model: Supernet) -> Tuple[ClassCost, ...]:
    """Count each subnet for one query; interpolation is free, as in the article."""
    config = model.config
    flops = [backbone_flops(model.subnet(index)) for index in range(len(config.widths))]
    return tuple(ClassCost(round(each / config.scale**2)) for each in (*flops, 0))
