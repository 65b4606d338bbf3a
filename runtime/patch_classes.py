"""The class of every patch of a frame: scored, looked up, and chosen for as the request says."""

from __future__ import annotations

from typing import Optional

import numpy as np

from pcsr_edge.runtime.assignment import ClassMap
from pcsr_edge.runtime.manifest import Manifest
from pcsr_edge.runtime.method import FrameRequest
from pcsr_edge.runtime.patch_grid import PatchGrid
from pcsr_edge.runtime.patch_scores import SCORES
from pcsr_edge.runtime.patch_table import PatchTable


def patch_classes(
    request: FrameRequest, manifest: Manifest, table: Optional[PatchTable], grid: PatchGrid
) -> ClassMap:
    """Return the class of every patch: uint8 (rows, columns) of the grid.

    Args:
        request: checked; a forced class, a share of work, or eta decides.
        manifest: of the bundle.
        table: the bundle's; may be None where a class is forced.
        grid: of the frame's patches.
    """
    if request.force_class is not None:
        size = len(grid.rows), len(grid.cols)
        return np.full(size, request.force_class, dtype=np.uint8)
    assert table is not None
    categories = table.categories(SCORES[manifest.method](request.image, grid))
    counts = np.bincount(categories.ravel(), minlength=len(table.psnr))
    if request.work is not None:
        priced = table if request.prices is None else table.priced(request.prices)
        choices = priced.choices_for_work(counts, request.work)
    else:
        assert request.eta is not None
        choices = table.choices(request.eta, counts)
    return np.asarray(choices[categories])
