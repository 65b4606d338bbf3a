"""Model ids of the edge-SR pool, e.g. `eSR-TM_s2_K7_C4`: family, scale and sizes in one word."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Dict, Mapping, Tuple

from pcsr_edge.errors import CheckpointError

FAMILIES: Mapping[str, Tuple[str, ...]] = {
    "eSR-MAX": ("K", "C"),
    "eSR-TM": ("K", "C"),
    "eSR-TR": ("K", "C"),
    "eSR-CNN": ("C", "D", "S"),
    "ESPCN": ("D", "S"),
    "FSRCNN": ("D", "S", "M"),
    "Bicubic": (),
    "Bicubic-PS": (),
}
"""Family → its sizes, in the order in which an id gives them.

`K` kernel, `C` channels, `D` and `S` widths of the first and the second layer, `M` mapping
layers. `Bicubic` is a transposed convolution, as published; `Bicubic-PS` the same filter as a
convolution and pixel shuffle.
"""
LARGEST_SCALE = 16
LARGEST_SIZE = 1024
"""Larger sizes are mistakes, and would ask for gigabytes before anybody notices."""
_NONE_ALLOWED = ("D", "M")
"""Sizes that may be 0: the layer is left out."""


@dataclass(frozen=True)
class ModelId:
    """One model of the pool.

    Raises:
        CheckpointError: the text is no model id.
    """

    text: str
    """As published, e.g. `eSR-TM_s2_K7_C4`."""

    def __post_init__(self) -> None:
        sizes = self._parsed()
        limits = {"s": (2, LARGEST_SCALE)}
        for letter, value in sizes.items():
            least, most = limits.get(letter, (int(letter not in _NONE_ALLOWED), LARGEST_SIZE))
            if not least <= value <= most:
                raise CheckpointError(
                    f"model id {self.text!r} gives {letter} = {value}, expected {least} to {most}"
                )
        if "K" in sizes and sizes["K"] % 2 == 0:
            raise CheckpointError(
                f"model id {self.text!r} gives an even kernel, K = {sizes['K']}; expected an odd "
                "one, which has a centre"
            )

    @property
    def family(self) -> str:
        """One of `FAMILIES`."""
        return self.text.split("_")[0]

    @property
    def scale(self) -> int:
        """The integer magnification; the model has no other."""
        return self._parsed()["s"]

    def size(self, letter: str) -> int:
        """Return one size of the family's, e.g. that of `K`."""
        return self._parsed()[letter]

    def to_dict(self) -> Dict[str, Any]:
        """Return plain data that `from_dict` reads back."""
        return {"id": self.text}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ModelId:
        """Read the id from plain data (JSON or a checkpoint).

        Raises:
            CheckpointError: the data hold anything but an id.
        """
        if not isinstance(data, Mapping) or set(data) != {"id"}:
            raise CheckpointError(
                f'an edge-SR model is described by {{"id": "eSR-TM_s2_K7_C4"}}, got {data!r:.80}'
            )
        return cls(data["id"])

    def _parsed(self) -> Dict[str, int]:
        if not isinstance(self.text, str):
            raise CheckpointError(
                f"a model id is a text such as eSR-TM_s2_K7_C4, got {self.text!r}"
            )
        family = self.text.split("_")[0]
        if family not in FAMILIES:
            raise CheckpointError(
                f"model id {self.text!r:.80} names no family of ours; known are "
                f"{', '.join(FAMILIES)}"
            )
        letters = ("s", *FAMILIES[family])
        pattern = family + "".join(f"_{letter}([0-9]{{1,6}})" for letter in letters)
        match = re.fullmatch(pattern, self.text, re.ASCII)
        if match is None:
            form = family + "".join(f"_{letter}<number>" for letter in letters)
            raise CheckpointError(f"model id {self.text!r:.80} does not parse, expected {form}")
        return dict(zip(letters, map(int, match.groups())))
