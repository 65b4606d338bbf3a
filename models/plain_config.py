"""The description of a plain network: what must be known before its weights are loaded."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Dict, Mapping

from pcsr_edge.models.description import check_whole, described


@dataclass(frozen=True)
class PlainConfig:
    """Everything needed to build a plain network before its weights are loaded.

    Raises:
        CheckpointError: a field is out of range.
    """

    scale: int
    """The integer magnification it is trained for, from 2; it has no other."""
    channels: int
    """C, the width of every hidden layer."""
    layers: int
    """M, the number of C → C convolutions between the first and the last one."""
    expansion: int = 2
    """Channels of the expanded branch in training, as a multiple of C; none are left after it."""

    def __post_init__(self) -> None:
        least = {"scale": 2, "channels": 1, "layers": 0, "expansion": 1}
        check_whole(self, least, "a plain model")

    def to_dict(self) -> Dict[str, Any]:
        """Return plain data that `from_dict` reads back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> PlainConfig:
        """Build a configuration from plain data (JSON or a checkpoint).

        Raises:
            CheckpointError: a field is unknown, missing or out of range.
        """
        return described(lambda values: cls(**values), data, "a plain model")
