"""How far the parts of a network are from what the machine can do, and from what FLOPs promise."""

from __future__ import annotations

from typing import Dict, Sequence

import numpy as np

from benchmarks.family import Family
from pcsr_edge.runtime.manifest import Manifest

UPSAMPLERS = "upsampler_"
MOVING = ("classifier", "assignment", "gather", "scatter", "residual", "refinement")
"""Stages that a network without classes would not have."""


def median_stages(times: Sequence[Dict[str, float]]) -> Dict[str, float]:
    """Return stage → median milliseconds of several runs."""
    return {name: float(np.median([each[name] for each in times])) for name in times[0]}


def moving_share(stages: Dict[str, float]) -> float:
    """Return what `MOVING` takes of all stages."""
    total = sum(value for name, value in stages.items() if name != "total")
    return sum(stages.get(name, 0.0) for name in MOVING) / total


def flops(manifest: Manifest, cells: int, shares: Sequence[float]) -> float:
    """Return the FLOPs of a frame whose queries fall into the classes by `shares`."""
    scale = int(manifest.scale)
    heads = sum(s * c.flops_per_query for s, c in zip(shares, manifest.classes))
    return cells * (manifest.backbone_flops_per_cell + scale * scale * heads)


def kept_promise(manifest: Manifest, heavy_ms: float, light_ms: float) -> float:
    """Return the saved time as a share of what the saved FLOPs promise at forced-heavy speed."""
    heavy, light = flops(manifest, 1, (1, 0)), flops(manifest, 1, (0, 1))
    return (heavy_ms - light_ms) / (heavy_ms * (heavy - light) / heavy)


def speeds(
    family: Family, manifest: Manifest, cells: int, all_heavy: Dict[str, float]
) -> Dict[str, float]:
    """Return GFLOP/s per thread of the heavy upsampler and the backbone, all queries heavy.

    The upsampler's first layer is computed per cell, in the backbone's graph; its FLOPs are
    counted there.
    """
    from pcsr_edge.models import PCSR, load_checkpoint

    model = load_checkpoint(family.checkpoint).model
    assert isinstance(model, PCSR)
    heads = [model.upsampler(j) for j in range(model.classes)]
    widths = [head.first.out_features for head in heads]
    features = 2 * model.backbone.feature_channels
    upsampler = manifest.classes[0].flops_per_query - (features + 8) * widths[0]
    queries = cells * int(manifest.scale) ** 2
    backbone = cells * (manifest.backbone_flops_per_cell + features * sum(widths))
    return {
        "heavy upsampler": upsampler * queries / all_heavy[f"{UPSAMPLERS}0"] / 1e6,
        "backbone": backbone / all_heavy["backbone"] / 1e6,
    }
