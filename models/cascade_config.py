"""The description of a cascade: what must be known before its weights are loaded."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Dict, Mapping

from pcsr_edge.errors import CheckpointError
from pcsr_edge.models.description import check_whole, described

_LEAST: Mapping[str, int] = {
    "scale": 2,
    "channels": 1,
    "trunk_layers": 0,
    "deep_layers": 0,
    "block": 1,
    "margin": 0,
    "gain_channels": 1,
    "expansion": 1,
}


@dataclass(frozen=True)
class CascadeConfig:
    """Everything needed to build a cascade before its weights are loaded.

    Raises:
        CheckpointError: a field is out of range.
    """

    scale: int
    """The integer magnification it is trained for, from 2; it has no other."""
    channels: int
    """C, the width of every hidden layer."""
    trunk_layers: int
    """The number of C → C convolutions that every cell goes through, after the first one."""
    deep_layers: int
    """The number of C → C convolutions that hard blocks alone go through, before the last one."""
    block: int = 16
    """Cells along a block's side: what is hard or easy as a whole."""
    margin: int = 3
    """Cells around a block that the deep part sees, one layer of them less with each of its
    first convolutions."""
    gain_channels: int = 16
    """Hidden channels of what predicts the gain of the deep part."""
    expansion: int = 2
    """Channels of the expanded branch in training, as a multiple of C; none are left after it."""

    def __post_init__(self) -> None:
        check_whole(self, _LEAST, "a cascade")
        if self.margin > self.deep_layers + 1:
            raise CheckpointError(
                f"margin of a cascade is {self.margin}, but its deep part has only "
                f"{self.deep_layers + 1} convolutions to use it up; take a smaller one"
            )

    def to_dict(self) -> Dict[str, Any]:
        """Return plain data that `from_dict` reads back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> CascadeConfig:
        """Build a configuration from plain data (JSON or a checkpoint).

        Raises:
            CheckpointError: a field is unknown, missing or out of range.
        """
        return described(lambda values: cls(**values), data, "a cascade")
