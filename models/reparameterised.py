"""A 3x3 convolution that trains as several branches and runs as one."""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.nn import functional as F


class ReparameterisedConv(nn.Module):
    """A 3x3 convolution, stride 1, zero padding or none, whose kernel is a sum of branches.

    The branches are a 3x3 kernel; a 1x1 expansion followed by a 3x3 kernel (SESR, MLSys 2022;
    ECBSR, ACM MM 2021); and, where inputs and outputs are equally many, the identity. All are
    linear, so their kernels are added up before the image is touched: a training step costs one
    convolution, and `merged` gives the plain layer. No branch has a bias of its own inside,
    which makes the sum exact at the border too.

    Args:
        inputs: channels that come in.
        outputs: channels that go out.
        expansion: channels between the two convolutions of the second branch, per input.
        padding: zeros on each side, 0 or 1; without them the result is 2 pixels smaller.
    """

    def __init__(self, inputs: int, outputs: int, expansion: int, padding: int = 1) -> None:
        super().__init__()
        self.padding = padding
        wide = inputs * expansion
        self.kernel = nn.Parameter(torch.empty(outputs, inputs, 3, 3))
        self.expand = nn.Parameter(torch.empty(wide, inputs))
        self.squeeze = nn.Parameter(torch.empty(outputs, wide, 3, 3))
        self.bias = nn.Parameter(torch.zeros(outputs))
        for weight in (self.kernel, self.expand, self.squeeze):
            nn.init.kaiming_uniform_(weight, a=math.sqrt(5))
        identity = torch.zeros(outputs, inputs, 3, 3)
        if inputs == outputs:
            identity[:, :, 1, 1] = torch.eye(inputs)
        self.identity: torch.Tensor
        self.register_buffer("identity", identity, persistent=False)

    def merged_kernel(self) -> torch.Tensor:
        """Return the kernel that all branches make together: (outputs, inputs, 3, 3)."""
        outputs, wide = self.squeeze.shape[:2]
        # Mixed precision would round the product; the master weights must not be.
        with torch.autocast(self.kernel.device.type, enabled=False):
            squeeze = self.squeeze.permute(0, 2, 3, 1).reshape(-1, wide)
            product = (squeeze @ self.expand).reshape(outputs, 3, 3, -1).permute(0, 3, 1, 2)
            return self.kernel + product + self.identity

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (N, inputs, h, w) to (N, outputs, h, w), or (N, outputs, h-2, w-2) unpadded."""
        return F.conv2d(x, self.merged_kernel(), self.bias, padding=self.padding)

    @torch.no_grad()
    def merged(self) -> nn.Conv2d:
        """Return the plain layer that computes the same, of this layer's dtype."""
        outputs, inputs = self.kernel.shape[:2]
        layer = nn.Conv2d(inputs, outputs, 3, padding=self.padding, dtype=self.kernel.dtype)
        layer.weight.copy_(self.merged_kernel())
        layer.bias = nn.Parameter(self.bias.detach().clone())
        return layer
