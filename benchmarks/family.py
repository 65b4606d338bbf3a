"""A PCSR network with what it is compared with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import List, Optional

from pcsr_edge.runtime.bundle import shipped_bundles

ROOT = Path(__file__).parents[1]
CHECKPOINTS = ROOT / "checkpoints"
PUBLISHED = ("fsrcnn", "carn")
SCALE = 4


@dataclass(frozen=True)
class Family:
    """One backbone's networks."""

    backbone: str
    """`fsrcnn` or `carn`."""
    bundle: Path
    """Of the PCSR network."""
    checkpoint: Path
    """What the bundle was exported from."""
    baseline: Optional[Path] = None
    """Published weights of the plain network."""


def families(weights: Path, scratch: Path) -> List[Family]:
    """Return the published networks where their weights are there, else our own.

    Args:
        weights: folder with `fsrcnn-pcsr-x4.pth` and its like.
        scratch: where bundles of them are written.
    """
    if not weights.is_dir():
        name = f"pcsr-fsrcnn-x{SCALE}"
        return [Family("fsrcnn", shipped_bundles()[name], CHECKPOINTS / f"{name}.pth")]
    return [_published(backbone, weights, scratch) for backbone in PUBLISHED]


def _published(backbone: str, weights: Path, scratch: Path) -> Family:
    from pcsr_edge.export.checkpoint import export_checkpoint
    from pcsr_edge.models import load_checkpoint

    name = f"{backbone}-pcsr-x{SCALE}"
    checkpoint, folder = weights / f"{name}.pth", scratch / name
    export_checkpoint(
        load_checkpoint(checkpoint), folder, name=name, scale=SCALE, precisions=["fp32"]
    )
    return Family(backbone, folder, checkpoint, weights / f"{backbone}-x{SCALE}.pth")
