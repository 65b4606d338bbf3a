"""What an export did, for people and for programs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Optional

from pcsr_edge.export.gate import GateReport
from pcsr_edge.runtime.bundle import Bundle
from pcsr_edge.runtime.manifest import Manifest
from pcsr_edge.runtime.patch_table import COMMANDS, FILES


@dataclass(frozen=True)
class ExportReport:
    """The bundle that was written, and what the accuracy gate measured."""

    bundle: Bundle
    """As a reader gets it."""
    gate: Optional[GateReport]
    """None where the gate was not asked for."""

    def to_dict(self) -> Dict[str, Any]:
        """Return plain data for `--json`."""
        manifest = self.bundle.manifest
        return {
            "bundle": str(self.bundle.folder),
            "name": manifest.name,
            "scale": manifest.scale,
            "precisions": list(manifest.precisions),
            "backbone_flops_per_cell": manifest.backbone_flops_per_cell,
            "flops_per_query": [c.flops_per_query for c in manifest.classes],
            "receptive_field": manifest.receptive_field,
            "gate": None if self.gate is None else self.gate.to_dict(),
        }

    def lines(self) -> List[str]:
        """Return the report as text."""
        manifest = self.bundle.manifest
        return [
            f"{self.bundle.folder}: {manifest.name}, {manifest.method}, scale {manifest.scale}, "
            f"{_classes_text(manifest)}{', '.join(manifest.precisions)}",
            f"FLOPs: {_flops_text(manifest)}",
            f"receptive radius: {manifest.receptive_field} LR pixels",
            *self._gate_lines(),
            *self._next_lines(),
        ]

    def _next_lines(self) -> List[str]:
        """Say what the bundle still lacks."""
        manifest = self.bundle.manifest
        if not manifest.by_patch:
            return []
        return [
            f"next: patches get their subnets by {FILES[manifest.method]}, which is measured on "
            f"pictures: pcsr-edge calibrate {COMMANDS[manifest.method]} {self.bundle.folder} "
            "--images FOLDER"
        ]

    def _gate_lines(self) -> List[str]:
        if self.gate is None:
            return ["accuracy: not checked"]
        lines = [
            f"accuracy fp32: graphs within {self.gate.graph_difference:.1g} of the network, "
            f"frames within {self.gate.frame_difference:.1g}"
        ]
        for precision in self.bundle.manifest.precisions:
            if precision != "fp32":
                change = self.gate.psnr_change(precision)
                lines.append(f"accuracy {precision}: PSNR within {change:.4f} dB of fp32")
        return lines


def _classes_text(manifest: Manifest) -> str:
    if not manifest.has_classes:
        return ""
    count = len(manifest.classes)
    return f"{count} {'class' if count == 1 else 'classes'}, "


def _flops_text(manifest: Manifest) -> str:
    if not manifest.has_classes:
        return f"{manifest.backbone_flops_per_cell} per LR pixel"
    costs = ", ".join(str(c.flops_per_query) for c in manifest.classes)
    return (
        f"backbone {manifest.backbone_flops_per_cell} per LR pixel, upsamplers {costs} per query "
        "pixel"
    )
