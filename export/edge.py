"""From a checkpoint of the edge-SR pool to a checked bundle."""

from __future__ import annotations

from pathlib import Path
from typing import Optional, Sequence, Union

import numpy as np
import numpy.typing as npt
from torch import nn

from pcsr_edge.export.bundle_writer import check_target, write_bundle
from pcsr_edge.export.edge_gate import check_edge_accuracy
from pcsr_edge.export.edge_graph import edge_graph
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
from pcsr_edge.export.report import ExportReport
from pcsr_edge.models import Checkpoint, OneChannel
from pcsr_edge.runtime.manifest import Manifest, Quality

METHOD = "edge-sr"


def export_edge(
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
        verify: hold the graph against the network (`edge_gate.check_edge_accuracy`).
        quality: measured qualities to put into the manifest.
        images: HR pictures for the gate, uint8 (H, W, 3); by default our own.
        licence: of the weights, into the manifest's provenance.
        overwrite: replace a bundle that is there.

    Raises:
        UsageError: name, scale, precisions or images make no sense, or it is no such network.
        OutputError: `folder` cannot be written.
        ExportError: the network cannot be translated.
        DialectError: the graph would not run correctly on every target.
        AccuracyError: the graph is not accurate enough. In every case nothing is written.
    """
    # An abstract class does for isinstance, which mypy does not know.
    model = frozen(
        checkpoint.model,
        OneChannel,  # type: ignore[type-abstract]
        "a network of the edge-SR pool",
    )
    own = model.config.scale
    check_own_scale(name, scale, own, precisions)
    check_target(folder, overwrite)
    provenance = provenance_of({"id": model.config.text, **checkpoint.provenance}, licence)
    metadata = {"name": name, "method": METHOD, "scale": str(own), "id": model.config.text}
    graphs = {precision: edge_graph(model, precision, metadata) for precision in precisions}
    files = {precision: checked_bytes({"network": graph}) for precision, graph in graphs.items()}
    gate = check_edge_accuracy(model, files, make_pairs(images, own)) if verify else None
    manifest = Manifest(
        name=name,
        method=METHOD,
        scale=own,
        channels="y",
        backbone_flops_per_cell=cell_flops(model),
        receptive_field=model.receptive_radius,
        activation_floats_per_cell=peak_floats_per_cell(graphs["fp32"]),
        precisions=graph_files(files),
        quality=tuple(quality),
        provenance=provenance,
    )
    return ExportReport(write_bundle(folder, file_contents(files), manifest, overwrite), gate)


def cell_flops(model: OneChannel) -> int:
    """Return the FLOPs of all convolutions for one LR pixel; what joins channels is left out."""
    weights = [layer.weight for layer in model.hidden if isinstance(layer, nn.Conv2d)]
    return sum(2 * weight.numel() for weight in (*weights, model.last.weight))
