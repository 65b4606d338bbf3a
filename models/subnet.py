"""A subnet: a backbone of some width with the upsampler that its authors gave it."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Mapping, NamedTuple

import torch
from torch import nn

from pcsr_edge.errors import CheckpointError
from pcsr_edge.models.backbone import Backbone
from pcsr_edge.models.registry import BACKBONES


class Subnet(Backbone):
    """From a normalised LR batch (N, 3, h, w) to SR by phase, (N, 3·scale², h, w)."""

    def __init__(self, features: Backbone, tail: nn.Module, scale: int, radius: int) -> None:
        super().__init__(3 * scale**2, features.receptive_radius + radius)
        self.features = features
        self.tail = tail

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (N, 3, h, w) to (N, 3·scale², h, w)."""
        out: torch.Tensor = self.tail(self.features(x))
        return out


def _stages(scale: int, architecture: str) -> List[int]:
    """Return the factors of the pixel shuffles one after the other."""
    known = {2: [2], 3: [3], 4: [2, 2]}
    if scale not in known:
        raise CheckpointError(f"a supernet of {architecture} has scale 2, 3 or 4, got {scale}")
    return known[scale]


def _fsrcnn_tail(width: int, scale: int, _: Mapping[str, Any]) -> nn.Module:
    # The authors' transposed convolution of 9x9 at scale 4 is a 3x3 one with some weights zero.
    return nn.Conv2d(width, 3 * scale**2, 3, padding=1)


def _carn_tail(width: int, scale: int, arguments: Mapping[str, Any]) -> nn.Module:
    layers: List[nn.Module] = []
    groups = arguments.get("groups", 4)
    for factor in _stages(scale, "CARN"):
        outputs = factor**2 * width
        layers += [nn.Conv2d(width, outputs, 3, padding=1, groups=groups), nn.ReLU()]
        layers.append(nn.PixelShuffle(factor))
    layers += [nn.Conv2d(width, 3, 3, padding=1), nn.PixelUnshuffle(scale)]
    return nn.Sequential(*layers)


def _srresnet_tail(width: int, scale: int, _: Mapping[str, Any]) -> nn.Module:
    layers: List[nn.Module] = []
    for factor in _stages(scale, "SRResNet"):
        layers.append(nn.Conv2d(width, factor**2 * width, 3, padding=1))
        # The slope is the same before and after the shuffle.
        layers += [nn.PixelShuffle(factor), nn.LeakyReLU(0.1)]
    layers += [nn.Conv2d(width, width, 3, padding=1), nn.LeakyReLU(0.1)]
    layers += [nn.Conv2d(width, 3, 3, padding=1), nn.PixelUnshuffle(scale)]
    return nn.Sequential(*layers)


class _Architecture(NamedTuple):
    """How a backbone is made slimmable."""

    width: str
    """The argument of the backbone that is its width."""
    tail: Callable[[int, int, Mapping[str, Any]], nn.Module]
    """From width, scale and the backbone's other arguments to the upsampler."""
    tail_radius: int
    """LR pixels that the upsampler adds to the receptive radius, rounded up."""
    fixed: Mapping[str, Any] = {}
    """Arguments of the backbone that a supernet always has."""


ARCHITECTURES: Mapping[str, _Architecture] = {
    "fsrcnn": _Architecture("d", _fsrcnn_tail, 1),
    "carn": _Architecture("nf", _carn_tail, 2, {"batch_norm": False}),
    "srresnet": _Architecture("nf", _srresnet_tail, 2),
}
"""Name of a backbone → what a supernet of it consists of."""


def build_subnet(backbone: str, width: int, scale: int, arguments: Mapping[str, Any]) -> Subnet:
    """Build a subnet with random weights.

    Args:
        backbone: name of its architecture.
        width: channels.
        scale: magnification.
        arguments: of the backbone, other than its width.

    Raises:
        CheckpointError: there is no such architecture, or an argument does not fit it.
    """
    if backbone not in ARCHITECTURES:
        raise CheckpointError(
            f"a supernet has backbone {' or '.join(map(repr, ARCHITECTURES))}, got {backbone!r}"
        )
    found = ARCHITECTURES[backbone]
    taken = {found.width, *found.fixed} & set(arguments)
    if taken:
        raise CheckpointError(
            f"backbone_args of a supernet hold {', '.join(sorted(taken))}, which widths decides"
        )
    values: Dict[str, Any] = {**arguments, **found.fixed, found.width: width}
    features = BACKBONES.build(backbone, values)
    try:
        tail = found.tail(width, scale, arguments)
    except (TypeError, ValueError, RuntimeError) as exc:
        raise CheckpointError(f"a subnet of {width} channels cannot be built: {exc}") from exc
    return Subnet(features, tail, scale, found.tail_radius)
