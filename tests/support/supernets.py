"""Small supernets with random weights."""

from __future__ import annotations

import torch

from pcsr_edge.models import ArmConfig, Supernet


def tiny_supernet(backbone: str = "fsrcnn", residual: bool = True) -> Supernet:
    """Build a supernet for scale 2 with patches of 6, whose subnets differ."""
    torch.manual_seed(5)
    arguments = {"fsrcnn": {"s": 3, "m": 1}, "carn": {"groups": 2}, "srresnet": {"blocks": 1}}
    mean = (0.0, 0.0, 0.0) if residual else (0.45, 0.44, 0.4)
    config = ArmConfig(2, backbone, (8, 4), arguments[backbone], residual, mean, patch=6, step=4)
    model = Supernet(config)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(1.5)
    return model.eval().requires_grad_(False)
