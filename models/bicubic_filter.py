"""Bicubic interpolation as filters: the pool's lowest rung, and where training begins."""

from __future__ import annotations

import torch


def _cubic(x: torch.Tensor) -> torch.Tensor:
    """Keys' kernel with a = -0.5."""
    x = x.abs()
    near = (1.5 * x - 2.5) * x * x + 1
    far = ((-0.5 * x + 2.5) * x - 4) * x + 2
    return torch.where(x <= 1, near, torch.where(x < 2, far, torch.zeros_like(x)))


def bicubic_phases(scale: int, kernel: int) -> torch.Tensor:
    """Return the filter of each phase: (scale², kernel, kernel), float32; each sums to 1.

    Args:
        scale: integer magnification.
        kernel: taps along each side, odd; with less than 5 the outermost are cut off.
    """
    offsets = (torch.arange(scale, dtype=torch.float64) + 0.5) / scale - 0.5
    taps = torch.arange(kernel, dtype=torch.float64) - kernel // 2
    rows = _cubic(taps[None] - offsets[:, None])
    rows = rows / rows.sum(dim=1, keepdim=True)
    return torch.einsum("py,qx->pqyx", rows, rows).reshape(scale**2, kernel, kernel).float()


def bicubic_transposed(scale: int) -> torch.Tensor:
    """Return the filter as the published transposed convolution holds it: (4s+3, 4s+3)."""
    size = 4 * scale + 3
    # An even scale has its centre between two taps, and a last tap of zero.
    centre = (size - 1) / 2 + (0.5 if scale % 2 == 0 else 0.0)
    row = _cubic((torch.arange(size, dtype=torch.float64) - centre) / scale)
    return torch.outer(row, row).float()
