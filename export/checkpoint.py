"""From any checkpoint to a bundle: the exporter of its method."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Union

from pcsr_edge.export.cascade import export_cascade
from pcsr_edge.export.edge import export_edge
from pcsr_edge.export.pcsr import DEFAULT_SCALE, export_pcsr
from pcsr_edge.export.plain import export_plain
from pcsr_edge.export.report import ExportReport
from pcsr_edge.export.supernet import export_supernet
from pcsr_edge.models import Cascade, Checkpoint, OneChannel, Plain, Supernet


def export_checkpoint(
    checkpoint: Checkpoint, folder: Path, *, scale: Union[int, str, None] = None, **options: Any
) -> ExportReport:
    """Write `checkpoint` as a bundle; see `export_pcsr` and the like.

    Args:
        checkpoint: a trained network of any method.
        folder: of the bundle.
        scale: None takes the checkpoint's own.
        options: further arguments of the exporter.

    Raises:
        PcsrEdgeError: see the exporters.
    """
    if isinstance(checkpoint.model, Plain):
        return export_plain(checkpoint, folder, scale=scale, **options)
    if isinstance(checkpoint.model, OneChannel):
        return export_edge(checkpoint, folder, scale=scale, **options)
    if isinstance(checkpoint.model, Cascade):
        return export_cascade(checkpoint, folder, scale=scale, **options)
    if isinstance(checkpoint.model, Supernet):
        return export_supernet(checkpoint, folder, scale=scale, **options)
    if scale is None:
        scale = checkpoint.provenance.get("scale", DEFAULT_SCALE)
    return export_pcsr(checkpoint, folder, scale=scale, **options)
