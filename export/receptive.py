"""How far a backbone really sees, held against the radius it declares: tiles depend on it."""

from __future__ import annotations

import copy
from typing import Tuple

import torch
from torch import nn

from pcsr_edge.errors import ExportError
from pcsr_edge.models.backbone import Backbone

MARGIN = 2
"""LR pixels beyond the declared radius in which an influence is looked for."""


def measured_radius(backbone: Backbone) -> int:
    """Return the greatest distance at which an LR pixel changes a feature.

    Measured on a twin with positive weights, so that no two paths cancel and no ReLU closes:
    the answer belongs to the layers, not to one set of weights. At most the declared radius
    plus `MARGIN` is seen.
    """
    twin = _positive_twin(backbone)
    limit = backbone.receptive_radius + MARGIN
    side = 2 * limit + 1
    # One pixel wide strips reach as far as whole images, at a fraction of the work.
    return max(_reach(twin, (side, 1), limit), _reach(twin, (1, side), limit))


def _reach(network: nn.Module, size: Tuple[int, int], centre: int) -> int:
    image = torch.ones(1, 3, *size, dtype=torch.float64, requires_grad=True)
    network(image).flatten(2)[:, :, centre].sum().backward()
    assert image.grad is not None
    touched = image.grad.abs().sum(dim=1).flatten().nonzero() - centre
    return int(touched.abs().max()) if len(touched) else 0


def check_radius(backbone: Backbone) -> None:
    """Hold the declared radius against the measured one.

    Raises:
        ExportError: they differ; too small a radius gives seams between tiles.
    """
    measured, declared = measured_radius(backbone), backbone.receptive_radius
    if measured == declared:
        return
    found = f"{measured} or more" if measured == declared + MARGIN else str(measured)
    raise ExportError(
        f"backbone {type(backbone).__name__} declares a receptive radius of {declared} LR pixels, "
        f"but its layers reach {found}; correct receptive_radius, tiles are cut by it"
    )


def _positive_twin(backbone: Backbone) -> nn.Module:
    """Return a copy in double precision whose layers average their inputs."""
    twin = copy.deepcopy(backbone).double().eval()
    for layer in twin.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.constant_(layer.weight, 1 / layer.weight[0].numel())
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
        elif isinstance(layer, nn.BatchNorm2d):
            layer.reset_parameters()
    return twin
