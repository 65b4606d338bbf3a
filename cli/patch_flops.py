"""FLOPs of a frame through a supernet: of all that its patches see, what overlaps counted twice."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from pcsr_edge.runtime.manifest import Manifest
from pcsr_edge.runtime.patch_grid import patch_grid


def patch_flops(manifest: Manifest, class_map: npt.NDArray[Any], halo: bool) -> float:
    """Return the FLOPs of a frame; interpolation is free.

    Args:
        manifest: of a bundle of method `arm` or `wbsr`.
        class_map: of the frame, (H, W); each patch has one class.
        halo: whether patches saw what lies around their cores.
    """
    scale = manifest.scale
    assert isinstance(scale, int)
    height, width = (n // scale for n in class_map.shape)
    grid = patch_grid((height, width), manifest.patch, manifest.step)
    reach = manifest.receptive_field
    sides = [
        np.array([len(line.core.grow(reach, limit) if halo else line.seen) for line in lines])
        for lines, limit in zip(grid, (height, width))
    ]
    places = np.ix_(*([line.core.start * scale for line in lines] for lines in grid))
    per_cell = np.array([cost.flops_per_query * scale**2 for cost in manifest.classes])
    return float((np.outer(*sides) * per_cell[class_map[places]]).sum())
