"""The description of a supernet: what must be known before its weights are loaded."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Dict, Mapping, Tuple, Type, TypeVar

from pcsr_edge.errors import CheckpointError
from pcsr_edge.models.description import check_whole, described, is_whole

_LEAST: Mapping[str, int] = {"scale": 2, "patch": 1, "step": 1}
_Config = TypeVar("_Config", bound="SupernetConfig")


@dataclass(frozen=True)
class SupernetConfig:
    """Everything needed to build a supernet before its weights are loaded.

    Raises:
        CheckpointError: a field is out of range.
    """

    scale: int
    """The integer magnification it is trained for, from 2; it has no other."""
    backbone: str
    """`fsrcnn`, `carn` or `srresnet`."""
    widths: Tuple[int, ...]
    """Channels of each subnet, widest (class 0) first. Interpolation is the class after them."""
    backbone_args: Mapping[str, Any] = field(default_factory=dict)
    """Arguments of the backbone's constructor other than its width."""
    residual: bool = True
    """Whether the network computes what is added to bilinear, or the picture itself."""
    mean: Tuple[float, float, float] = (0.0, 0.0, 0.0)
    """RGB mean that is subtracted from images in [0, 1]."""
    patch: int = 32
    """LR pixels along a patch's side when the network runs."""
    step: int = 28
    """LR pixels from one patch to the next; what is less than `patch` overlaps."""

    def __post_init__(self) -> None:
        check_whole(self, _LEAST, "a supernet")
        if self.step > self.patch:
            raise CheckpointError(
                f"step of a supernet is {self.step}, beyond its patch of {self.patch}; what lies "
                "between two patches would be left out"
            )
        widths = self.widths
        falling = all(wide > narrow for wide, narrow in zip(widths, widths[1:]))
        if not widths or not falling or not all(is_whole(width, 1) for width in widths):
            raise CheckpointError(
                f"widths of a supernet must be whole numbers from 1, widest first, got {widths!r}"
            )
        if not isinstance(self.residual, bool):
            raise CheckpointError(f"residual must be true or false, got {self.residual!r}")
        if len(self.mean) != 3 or not all(isinstance(value, (int, float)) for value in self.mean):
            raise CheckpointError(f"mean must be three numbers (R, G, B), got {self.mean!r}")

    def to_dict(self) -> Dict[str, Any]:
        """Return plain data that `from_dict` reads back."""
        return asdict(self)

    @classmethod
    def from_dict(cls: Type[_Config], data: Mapping[str, Any]) -> _Config:
        """Build a configuration from plain data (JSON or a checkpoint).

        Raises:
            CheckpointError: a field is unknown, missing, of the wrong form or out of range.
        """

        def make(values: Dict[str, Any]) -> _Config:
            for name in ("widths", "mean"):
                if name in values:
                    values[name] = tuple(values[name])
            values["backbone_args"] = dict(values.get("backbone_args", {}))
            return cls(**values)

        return described(make, data, "a supernet")


class ArmConfig(SupernetConfig):
    """A supernet whose patches go by the Edge-to-PSNR table of ARM."""


class WbsrConfig(SupernetConfig):
    """A supernet whose patches go by the gradient map of WBSR."""
