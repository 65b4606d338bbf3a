"""The description of a PCSR network: what must be known before its weights are loaded."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import Any, Dict, Mapping, Tuple

from pcsr_edge.errors import CheckpointError
from pcsr_edge.models.description import described


@dataclass(frozen=True)
class PCSRConfig:
    """Everything needed to build a PCSR network before its weights are loaded.

    Raises:
        CheckpointError: a field is out of range.
    """

    backbone: str
    """Name in the backbone registry."""
    backbone_args: Mapping[str, Any] = field(default_factory=dict)
    """Arguments of the backbone's constructor."""
    upsamplers: Tuple[Tuple[int, ...], ...] = ((58, 58, 58, 58), (10, 10, 10))
    """Hidden widths of each upsampler, heaviest (class 0) first."""
    classifier: Tuple[int, ...] = ()
    """Hidden widths of the classifier; unused when there is one upsampler."""
    mean: Tuple[float, float, float] = (0.0, 0.0, 0.0)
    """RGB mean that is subtracted from images in [0, 1]."""
    std: float = 1.0
    """Divisor after the mean is subtracted."""

    def __post_init__(self) -> None:
        if not self.upsamplers:
            raise CheckpointError("a PCSR model needs at least one upsampler, got none")
        for widths in (*self.upsamplers, self.classifier):
            if not all(_is_whole(width) and width >= 1 for width in widths):
                raise CheckpointError(
                    f"hidden widths of a PCSR model must be whole numbers from 1, got {widths!r}"
                )
        if len(self.mean) != 3 or not all(_is_finite(value) for value in self.mean):
            raise CheckpointError(f"mean must be three numbers (R, G, B), got {self.mean!r}")
        if not _is_finite(self.std) or self.std <= 0:
            raise CheckpointError(f"std must be a number above 0, got {self.std!r}")

    def to_dict(self) -> Dict[str, Any]:
        """Return plain data that `from_dict` reads back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> PCSRConfig:
        """Build a configuration from plain data (JSON or a checkpoint).

        Raises:
            CheckpointError: a field is unknown, missing, of the wrong form or out of range.
        """

        def make(values: Dict[str, Any]) -> PCSRConfig:
            values["backbone_args"] = dict(values.get("backbone_args", {}))
            for name in ("classifier", "mean"):
                if name in values:
                    values[name] = tuple(values[name])
            if "upsamplers" in values:
                values["upsamplers"] = tuple(tuple(widths) for widths in values["upsamplers"])
            return cls(**values)

        return described(make, data, "a PCSR model")


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_finite(value: Any) -> bool:
    return _is_whole(value) or (isinstance(value, float) and math.isfinite(value))
