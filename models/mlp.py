"""The per-pixel multilayer perceptron behind upsamplers and classifier (LIIF style)."""

from __future__ import annotations

from typing import List, Sequence

import torch
from torch import nn

GEOMETRY_INPUTS = 4
"""Inputs beside the feature: rel_y, rel_x, cell_y, cell_x."""


class PixelMLP(nn.Module):
    """Linear layers with ReLU between them, on `[feature, rel_y, rel_x, cell_y, cell_x]`.

    The first layer is kept apart, since it splits exactly into a product per cell (the
    *projection*) and one per phase: W_f·feature + (W_g·geometry + b).

    Args:
        feature_channels: D.
        hidden: width of each hidden layer; may be empty.
        outputs: width of the last layer.
    """

    def __init__(self, feature_channels: int, hidden: Sequence[int], outputs: int) -> None:
        super().__init__()
        self.feature_channels = feature_channels
        self.hidden = tuple(hidden)
        widths = [feature_channels + GEOMETRY_INPUTS, *hidden, outputs]
        self.first = nn.Linear(widths[0], widths[1])
        rest: List[nn.Module] = []
        for fan_in, fan_out in zip(widths[1:-1], widths[2:]):
            rest += [nn.ReLU(), nn.Linear(fan_in, fan_out)]
        self.rest = nn.Sequential(*rest)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map queries (..., D + 4) to (..., outputs)."""
        out: torch.Tensor = self.rest(self.first(x))
        return out

    def at_phases(self, features: torch.Tensor, table: torch.Tensor) -> torch.Tensor:
        """Run on chosen phases of every cell, the first layer once per cell.

        Args:
            features: (N, cells, D).
            table: rows of the phase table, (N, P, width) or (1, P, width).

        Returns:
            (N, P, cells, outputs).
        """
        projection = nn.functional.linear(features, self.projection_weight())[:, None]
        return self.from_projection(projection, table[:, :, None])

    def projection_weight(self) -> torch.Tensor:
        """Return W_f, the first layer's columns for the feature: (width, D)."""
        return self.first.weight[:, : self.feature_channels]

    def phase_table(self, geometry: torch.Tensor) -> torch.Tensor:
        """Map geometry rows (P, 4) to the first layer's share without features: (P, width)."""
        weight = self.first.weight[:, self.feature_channels :]
        return nn.functional.linear(geometry, weight, self.first.bias)

    def from_projection(self, projection: torch.Tensor, table: torch.Tensor) -> torch.Tensor:
        """Finish from a projection (..., width) and a row or rows of the phase table."""
        out: torch.Tensor = self.rest(projection + table)
        return out
