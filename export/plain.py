"""From a plain network's checkpoint to a checked bundle."""

from __future__ import annotations

from pathlib import Path
from typing import Optional, Sequence, Union

import numpy as np
import numpy.typing as npt

from pcsr_edge.export.bundle_writer import check_target, write_bundle
from pcsr_edge.export.flops import backbone_flops
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
from pcsr_edge.export.plain_gate import check_plain_accuracy
from pcsr_edge.export.plain_graph import plain_graph
from pcsr_edge.export.receptive import check_radius
from pcsr_edge.export.report import ExportReport
from pcsr_edge.models import Checkpoint, Plain
from pcsr_edge.runtime.manifest import Manifest, Quality

METHOD = "plain"


def export_plain(
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
        verify: hold the graph against the network (`plain_gate.check_plain_accuracy`).
        quality: measured qualities to put into the manifest.
        images: HR pictures for the gate, uint8 (H, W, 3); by default our own.
        licence: of the weights, into the manifest's provenance.
        overwrite: replace a bundle that is there.

    Raises:
        UsageError: name, scale, precisions or images make no sense, or it is no plain network.
        OutputError: `folder` cannot be written.
        ExportError: the network cannot be translated.
        DialectError: the graph would not run correctly on every target.
        AccuracyError: the graph is not accurate enough. In every case nothing is written.
    """
    model = frozen(checkpoint.model, Plain, "a plain network")
    own = model.config.scale
    check_own_scale(name, scale, own, precisions)
    check_target(folder, overwrite)
    provenance = provenance_of(checkpoint.provenance, licence)
    body = model.reparameterised()
    check_radius(body)
    metadata = {"name": name, "method": METHOD, "scale": str(own)}
    graphs = {precision: plain_graph(model, precision, metadata) for precision in precisions}
    files = {precision: checked_bytes({"network": graph}) for precision, graph in graphs.items()}
    gate = check_plain_accuracy(model, files, make_pairs(images, own)) if verify else None
    manifest = Manifest(
        name=name,
        method=METHOD,
        scale=own,
        channels="rgb",
        backbone_flops_per_cell=backbone_flops(body),
        receptive_field=model.receptive_radius,
        activation_floats_per_cell=peak_floats_per_cell(graphs["fp32"]),
        precisions=graph_files(files),
        quality=tuple(quality),
        provenance=provenance,
    )
    return ExportReport(write_bundle(folder, file_contents(files), manifest, overwrite), gate)
