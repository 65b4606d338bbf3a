"""From a trained network of any method to a checked bundle."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Optional, Sequence, Union

import numpy as np
import numpy.typing as npt

from pcsr_edge.export.bundle_writer import check_target, write_bundle
from pcsr_edge.export.cascade_translation import CascadeTranslation
from pcsr_edge.export.edge_translation import EdgeTranslation
from pcsr_edge.export.packing import (
    check_arguments,
    checked_bytes,
    file_contents,
    graph_files,
    provenance_of,
)
from pcsr_edge.export.pcsr_translation import DEFAULT_SCALE, PCSRTranslation
from pcsr_edge.export.pictures import make_pairs
from pcsr_edge.export.plain_translation import PlainTranslation
from pcsr_edge.export.report import ExportReport
from pcsr_edge.export.translation import Translation
from pcsr_edge.models import Cascade, Checkpoint, OneChannel, Plain
from pcsr_edge.runtime.manifest import Quality


def export_checkpoint(
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
        scale: None takes the checkpoint's own. Only a PCSR network has others: the integer
            magnification it was trained for where the checkpoint does not tell, or `any`.
        precisions: `fp32`, and `fp16` if wanted.
        verify: hold the graphs against the network, by the gate of its method.
        quality: measured qualities to put into the manifest.
        images: HR pictures for the gate, uint8 (H, W, 3); by default our own.
        licence: of the weights, into the manifest's provenance.
        overwrite: replace a bundle that is there.

    Raises:
        UsageError: name, scale, precisions or images make no sense.
        OutputError: `folder` cannot be written.
        ExportError: the network cannot be translated.
        DialectError: a graph would not run correctly on every target.
        AccuracyError: a graph is not accurate enough. In every case nothing is written.
    """
    check_target(folder, overwrite)
    network = translation_of(checkpoint, scale)
    check_arguments(name, network.scale, precisions)
    provenance = provenance_of({**network.facts, **checkpoint.provenance}, licence)
    metadata = {"name": name, "method": network.method, "scale": str(network.scale)}
    metadata.update(network.facts)
    graphs = {precision: network.graphs(precision, metadata) for precision in precisions}
    files = {precision: checked_bytes(each) for precision, each in graphs.items()}
    gate = network.check(files, make_pairs(images, network.gate_scale)) if verify else None
    manifest = dataclasses.replace(
        network.manifest(name, graphs["fp32"]),
        precisions=graph_files(files),
        quality=tuple(quality),
        provenance=provenance,
    )
    return ExportReport(write_bundle(folder, file_contents(files), manifest, overwrite), gate)


def translation_of(checkpoint: Checkpoint, scale: Union[int, str, None]) -> Translation:
    """Return the translation of the network's method.

    Raises:
        UsageError: the network has one scale, and it is another.
        ExportError: the network sees farther than it says.
    """
    model = checkpoint.model
    if isinstance(model, Plain):
        return PlainTranslation(model, scale)
    if isinstance(model, Cascade):
        return CascadeTranslation(model, scale)
    if isinstance(model, OneChannel):
        return EdgeTranslation(model, scale)
    told = checkpoint.provenance.get("scale", DEFAULT_SCALE)
    return PCSRTranslation(model, told if scale is None else scale)
