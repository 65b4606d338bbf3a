"""What the training loop asks of a method: what learns, the loss of a step, the quality."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import List, NamedTuple, Sequence

import torch

from pcsr_edge.train.data import ImagePair


class StepLoss(NamedTuple):
    """Scalars of one step."""

    total: torch.Tensor
    """What the optimiser makes smaller."""
    recon: torch.Tensor
    """Error between prediction and truth; mean absolute, of `edge-sr` mean squared."""
    average: torch.Tensor
    """How unevenly the classes are used; 0 for methods without classes."""


class Lesson(ABC):
    """How the networks of one method are trained, apart from the loop itself."""

    @abstractmethod
    def begin(self, stage: int) -> List[torch.nn.Parameter]:
        """Prepare the network for phase `stage` and return the parameters that it trains."""

    def end(self, stage: int) -> None:  # noqa: B027 (no duty)
        """Prepare the network for what comes after phase `stage`; most have nothing to do."""

    def inform(  # noqa: B027 (no duty)
        self, optimizer: torch.optim.Optimizer, lr: torch.Tensor, hr: torch.Tensor, step: int
    ) -> None:
        """Tell the optimiser what it needs beside gradients, before a step; most need nothing.

        Args:
            optimizer: of the phase.
            lr: see `loss`.
            hr: see `loss`.
            step: see `loss`.
        """

    @abstractmethod
    def loss(self, lr: torch.Tensor, hr: torch.Tensor, stage: int, step: int) -> StepLoss:
        """Compute the losses of a batch; random choices derive from `stage` and `step` alone.

        Args:
            lr: (N, C, h, w) in [0, 1], on the network's device; C is 3, for luma alone 1.
            hr: (N, C, h*scale, w*scale) in [0, 1], likewise.
            stage: number of the phase.
            step: number of the step in the phase.
        """

    @abstractmethod
    def psnr(self, pairs: Sequence[ImagePair], stage: int) -> float:
        """Return the mean luma PSNR in dB over `pairs` with what has been trained so far."""
