"""Writes a bundle again, with int8 graphs beside the others."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any, Dict, Mapping

from pcsr_edge.export.bundle_writer import write_bundle
from pcsr_edge.runtime.bundle import Bundle
from pcsr_edge.runtime.manifest import GraphFile
from pcsr_edge.runtime.patch_table import FILES, load_table

PRECISION = "int8"


def write_with_int8(
    bundle: Bundle, folder: Path, graphs: Mapping[str, bytes], notes: Mapping[str, Any]
) -> Bundle:
    """Write `bundle` to `folder`, whole or not at all, and read it back.

    Args:
        bundle: its int8 graphs, if it has any, are replaced.
        folder: a bundle that is there is replaced.
        graphs: those in int8; for the others the fp32 ones stand.
        notes: how they came about, for the manifest's provenance.

    Raises:
        BundleError: a graph of `bundle` is damaged, or the table that patches need.
        OutputError: the file system refused.
    """
    manifest = bundle.manifest
    others = {name: each for name, each in manifest.precisions.items() if name != PRECISION}
    files: Dict[str, bytes] = {
        graph.file: bundle.file(name, precision)
        for precision, each in others.items()
        for name, graph in each.items()
    }
    entries = dict(others["fp32"])
    for name, content in graphs.items():
        file = f"{name}.{PRECISION}.onnx"
        files[file] = content
        entries[name] = GraphFile(file, hashlib.sha256(content).hexdigest())
    if manifest.by_patch:
        # It is of the fp32 graphs, which stay.
        files[FILES[manifest.method]] = load_table(bundle).to_json().encode("utf-8")
    extended = replace(
        manifest,
        precisions={**others, PRECISION: entries},
        provenance={**manifest.provenance, PRECISION: dict(notes)},
    )
    return write_bundle(folder, files, extended, overwrite=True)
