"""Where a query pixel lies: its cell, and its place inside the cell (LIIF coordinates)."""

from __future__ import annotations

from typing import NamedTuple, Tuple

import torch


class AxisGeometry(NamedTuple):
    """Queries of one axis."""

    cell: torch.Tensor
    """int64 (n_hr,): index of the nearest LR pixel; of two equally near ones the later."""
    rel: torch.Tensor
    """float32 (n_hr,): (coordinate of the query - that of the cell) * n_lr, in [-1, 1)."""
    size: float
    """2 / n_hr * n_lr, the size of a query pixel in units of half a cell."""


def axis_geometry(n_lr: int, n_hr: int) -> AxisGeometry:
    """Place `n_hr` query pixels over `n_lr` cells.

    Pixel i of n sits at (2i+1)/n - 1 (LIIF, section 3). Everything is exact integer
    arithmetic up to the last division, so that ties never depend on rounding.
    """
    query = torch.arange(n_hr, dtype=torch.int64)
    numerator = (2 * query + 1) * n_lr
    cell = numerator // (2 * n_hr)
    rel = (numerator - (2 * cell + 1) * n_hr).double() / n_hr
    return AxisGeometry(cell, rel.float(), 2.0 / n_hr * n_lr)


def phase_geometry(scale: int) -> torch.Tensor:
    """Return the MLP's geometry inputs of each phase of an integer scale: (scale², 4).

    Rows are ordered py*scale + px; columns are rel_y, rel_x, cell_y, cell_x.
    """
    axis = axis_geometry(1, scale)
    cell = torch.full((scale, scale), axis.size)
    rel_y, rel_x = torch.meshgrid(axis.rel, axis.rel, indexing="ij")
    return torch.stack([rel_y, rel_x, cell, cell], dim=-1).reshape(-1, 4)


def query_inputs(features: torch.Tensor, size: Tuple[int, int]) -> torch.Tensor:
    """Gather the MLP input of every query pixel.

    Args:
        features: (N, D, h, w).
        size: (H, W) of the SR grid.

    Returns:
        (N, H*W, D + 4) rows `[feature, rel_y, rel_x, cell_y, cell_x]`.
    """
    rows = axis_geometry(features.shape[2], size[0])
    cols = axis_geometry(features.shape[3], size[1])
    cell_y, cell_x = rows.cell.to(features.device), cols.cell.to(features.device)
    near = features[:, :, cell_y][:, :, :, cell_x].permute(0, 2, 3, 1)
    geometry = torch.stack(
        [
            rows.rel[:, None].expand(size),
            cols.rel[None, :].expand(size),
            torch.full(size, rows.size),
            torch.full(size, cols.size),
        ],
        dim=-1,
    ).to(features)
    geometry = geometry.expand(near.shape[0], *geometry.shape)
    return torch.cat([near, geometry], dim=-1).flatten(1, 2)
