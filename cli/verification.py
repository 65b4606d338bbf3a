"""How `verify` shows what it found: for people, for issues, and as JSON."""

from __future__ import annotations

import hashlib
import math
import platform
from typing import Dict, List, Sequence

from pcsr_edge import __version__
from pcsr_edge.calib.comparison import Comparison
from pcsr_edge.calib.frames import PictureResult
from pcsr_edge.calib.stages import StageResult
from pcsr_edge.cli import reports, tables
from pcsr_edge.cli.health.packages import installed
from pcsr_edge.runtime.bundle import Bundle
from pcsr_edge.runtime.engine import Backend
from pcsr_edge.runtime.ladder.machine import cpu_model
from pcsr_edge.runtime.manifest import Manifest

PACKAGES = (
    "numpy",
    "onnxruntime",
    "onnxruntime-gpu",
    "tensorrt",
    "cupy",
    "cupy-cuda11x",
    "cupy-cuda12x",
    "cupy-cuda13x",
)
"""Those that results may depend on."""
SHORT = 12
"""Digits of a hash that people see."""


def gpu_names(backends: Sequence[Backend]) -> List[str]:
    """Return name and compute capability of the GPUs of some backends, each once."""
    devices = [backend.device for backend in backends if backend.device is not None]
    return list(dict.fromkeys(f"{each.name} ({each.capability})" for each in devices))


def as_text(bundle: Bundle, found: Sequence[Comparison], gpus: Sequence[str]) -> str:
    """Return the report for people."""
    manifest = bundle.manifest
    graphs = (f"{p} {graphs_hash(manifest, p)[:SHORT]}" for p in manifest.precisions)
    system = f"{platform.system()} {platform.release()}"
    head = tables.fields(
        [
            ("versions", ", ".join(f"{name} {v}" for name, v in versions().items())),
            ("machine", ", ".join([cpu_model(), *gpus, system])),
            ("model", f"{manifest.name}, {manifest.method}, scale {manifest.scale}"),
            ("graphs", ", ".join(graphs)),
        ]
    )
    return "\n\n".join([head, *(_comparison(comparison) for comparison in found)])


def as_json(bundle: Bundle, found: Sequence[Comparison], gpus: Sequence[str], code: int) -> str:
    """Return the document."""
    manifest = bundle.manifest
    content = {
        "exit_code": code,
        "versions": versions(),
        "machine": cpu_model(),
        "gpus": list(gpus),
        "system": platform.platform(),
        "model": manifest.name,
        "method": manifest.method,
        "scale": manifest.scale,
        "graphs": {
            precision: {name: graph.sha256 for name, graph in graphs.items()}
            for precision, graphs in manifest.precisions.items()
        },
        "comparisons": [comparison.to_dict() for comparison in found],
    }
    return reports.document("verify", content)


def versions() -> Dict[str, str]:
    """Return what runs here: name → version, of us, of Python and of `PACKAGES`."""
    known = {"pcsr-edge": __version__, "Python": platform.python_version()}
    for package in PACKAGES:
        version = installed(package)
        if version is not None:
            known[package] = version
    return known


def graphs_hash(manifest: Manifest, precision: str) -> str:
    """Return one SHA-256 for all graphs of a precision, by their names."""
    graphs = manifest.precisions[precision]
    text = "\n".join(f"{name} {graphs[name].sha256}" for name in sorted(graphs))
    return hashlib.sha256(text.encode()).hexdigest()


def _comparison(found: Comparison) -> str:
    blocks = [f"{found.side} against {found.against}"]
    if found.stages:
        header = ("graph", "output", "values", "difference", "SNR dB")
        rows = [_stage(stage) for stage in found.stages]
        blocks.append(tables.table(header, rows, left=2))
    header = ("picture", "PSNR dB", "change", "worst pixel", "same class")
    blocks.append(tables.table(header, [_picture(picture) for picture in found.pictures]))
    blocks.append(_verdict(found))
    return "\n\n".join(blocks)


def _stage(stage: StageResult) -> List[str]:
    if stage.problem is not None:
        return [stage.graph, "failed", "-", "-", "-"]
    snr = "equal" if stage.snr_db == math.inf else f"{stage.snr_db:.1f}"
    return [stage.graph, stage.output, str(stage.values), f"{stage.difference:.1e}", snr]


def _picture(found: PictureResult) -> List[str]:
    if found.problem is not None:
        return [found.picture, "failed", "-", "-", "-"]
    return [
        found.picture,
        f"{found.psnr_db:.2f}",
        f"{found.psnr_change:+.3f}",
        str(found.worst_pixel),
        f"{100 * found.class_agreement:.2f} %",
    ]


def _verdict(found: Comparison) -> str:
    if found.failures:
        count = tables.plural(len(found.failures), "difference")
        return "\n  ".join([f"FAILED: {count} too large", *found.failures])
    return (
        f"passed: PSNR within {found.psnr_change:.4f} dB (allowed {found.tolerance.psnr_db:g}), "
        f"worst pixel {found.worst_pixel} of 255"
    )
