"""What PCSR asks of a backbone, and the list of backbones that can be named in a recipe."""

from __future__ import annotations

from typing import Any, Callable, Dict, Mapping, Tuple

import torch
from torch import nn

from pcsr_edge.errors import CheckpointError


class Backbone(nn.Module):
    """A network from a normalised LR batch (N, 3, h, w) to features (N, D, h, w).

    It keeps the spatial size, uses stride 1 everywhere and zero padding of its
    convolutions, so that a halo of `receptive_radius` pixels makes tiles exact.

    Args:
        feature_channels: D.
        receptive_radius: see the attribute.
    """

    feature_channels: int
    """D, the number of feature channels."""
    receptive_radius: int
    """LR pixels on each side that can change a feature; the halo of a tile."""

    def __init__(self, feature_channels: int, receptive_radius: int) -> None:
        super().__init__()
        self.feature_channels = feature_channels
        self.receptive_radius = receptive_radius

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map a normalised LR batch (N, 3, h, w) to features (N, D, h, w)."""
        raise TypeError(f"{type(self).__name__} does not define forward")


class BackboneRegistry:
    """Named backbone constructors, in the order in which they were added."""

    def __init__(self) -> None:
        self._makers: Dict[str, Callable[..., Backbone]] = {}

    def add(self, name: str, maker: Callable[..., Backbone]) -> None:
        """Register `maker` under `name`.

        Raises:
            ValueError: the name is taken.
        """
        if name in self._makers:
            raise ValueError(f"backbone {name!r} is registered already")
        self._makers[name] = maker

    def names(self) -> Tuple[str, ...]:
        """Return every registered name."""
        return tuple(self._makers)

    def build(self, name: str, arguments: Mapping[str, Any]) -> Backbone:
        """Construct backbone `name`.

        Raises:
            CheckpointError: the name is unknown or the arguments do not fit it.
        """
        if name not in self._makers:
            raise CheckpointError(f"unknown backbone {name!r}; known are {', '.join(self.names())}")
        try:
            return self._makers[name](**arguments)
        except (TypeError, ValueError, RuntimeError) as exc:
            raise CheckpointError(
                f"backbone {name!r} cannot be built with {dict(arguments)}: {exc}"
            ) from exc


def require_positive(**sizes: int) -> None:
    """Check the sizes that a backbone is built with.

    Raises:
        ValueError: one is less than 1; torch would accept some of these and compute nothing.
    """
    for name, size in sizes.items():
        if size < 1:
            raise ValueError(f"{name} must be at least 1, got {size}")
