"""The balanced loss of WBSR: L1 over its mean over the truths of the batch.

The article (Yu et al., NeurIPS 2024) gives no formula. This is the batch-based Monte-Carlo form
of Balanced MSE (Ren et al., CVPR 2022, section 3.3.2), with a Laplace distribution of the noise
in place of a normal one: -b·log( exp(-|p - y| / b) / mean_k exp(-|p - y_k| / b) ), where p is
predicted, y its truth, y_k all truths of the batch and b the scale of the noise. Truths are
details, what the picture differs from its bilinear upsampling by: almost all of them are near 0,
smooth, and the mean over the batch takes that back.
"""

from __future__ import annotations

import torch

STEPS = 255
"""Grid points of the truths' distribution per unit: the steps of 8 bits."""


class BalancedL1:
    """The loss for truths in [-1, 1].

    The mean over all truths depends on p alone. It is computed on a grid and interpolated, so
    that no truth is left out, and a step costs little more than with L1.

    Args:
        noise: b, above 0.
    """

    def __init__(self, noise: float) -> None:
        self._noise = noise
        grid = torch.linspace(-1, 1, 2 * STEPS + 1, dtype=torch.float64)
        self._kernel = torch.exp(-(grid[:, None] - grid[None, :]).abs() / noise)

    def __call__(self, prediction: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
        """Return the mean loss of tensors of one shape, float32.

        Its value may be below 0: a constant more or less teaches nothing.
        """
        error = (prediction - truth).abs()
        return (error + self._normaliser(prediction, truth)).mean()

    def _normaliser(self, prediction: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
        """Return b·log(mean_k exp(-|p - y_k| / b)) for each p."""
        table = self._table(truth.detach())
        place = (prediction.clamp(-1, 1) + 1) * STEPS
        below = place.detach().floor().clamp(max=2 * STEPS - 1)
        index = below.long()
        left = table[index]
        return left + (place - below) * (table[index + 1] - left)

    def _table(self, truth: torch.Tensor) -> torch.Tensor:
        """Return the normaliser at every grid point."""
        half = 0.5 / STEPS
        counts = torch.histc(truth, 2 * STEPS + 1, -1 - half, 1 + half).double()
        # Far from every truth the mean is too small for a double's logarithm.
        mean = (self._kernel.to(truth.device) @ (counts / truth.numel())).clamp(min=1e-300)
        limit = -2 / self._noise
        return (self._noise * mean.log().clamp(min=limit)).float()
