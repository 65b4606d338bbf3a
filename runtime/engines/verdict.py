"""What came of holding engines against float32 on the processor."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, Dict, Mapping, Optional

ALLOWED_DB: Mapping[str, float] = {"fp32": 0.005, "fp16": 0.05, "int8": 0.15}
"""Precision → greatest |change of PSNR| in dB, of engines and of what `verify` compares."""
VERSION = 1
"""Of the files; others are no verdicts of ours."""


@dataclass(frozen=True)
class Verdict:
    """How far the frames of some engines are from those of the processor."""

    model: str
    """Name of the bundle."""
    precision: str
    """Of its graphs."""
    psnr_change_db: float
    """Change of PSNR against the truth, of the frame that changes most; negative for a loss."""
    worst_pixel: int
    """Greatest difference of two frames, in 8-bit steps."""
    allowed_db: float
    problem: Optional[str] = None
    """Why a frame is none: NaN, all black; else None."""

    @property
    def passed(self) -> bool:
        """Whether the engines may be used."""
        return self.problem is None and abs(self.psnr_change_db) <= self.allowed_db

    @property
    def text(self) -> str:
        """The numbers."""
        return (
            f"PSNR {self.psnr_change_db:+.4f} dB from float32 on the CPU (allowed "
            f"{self.allowed_db:g}), worst pixel {self.worst_pixel} of 255"
        )

    def __str__(self) -> str:
        if self.passed:
            return f"engines of {self.model}, {self.precision}: {self.text}"
        return (
            f"the engines of {self.model}, {self.precision}, are refused: "
            f"{self.problem or self.text}; take --device cpu or --precision fp32, or let them be "
            "built again after: pcsr-edge engines clear"
        )

    def to_dict(self) -> Dict[str, Any]:
        """Return plain data for JSON."""
        return asdict(self)

    def to_json(self, sha256: str) -> bytes:
        """Return a file's content, for an engine of that hash."""
        content = {"pcsr_edge_verdict": VERSION, "engine": sha256, **self.to_dict()}
        return json.dumps(content).encode()


def verdict_from(content: bytes, sha256: str) -> Optional[Verdict]:
    """Read what `Verdict.to_json` wrote; None where it is not that, or of another engine."""
    try:
        data: Dict[str, Any] = json.loads(content.decode("utf-8"))
        if data.pop("pcsr_edge_verdict") != VERSION or data.pop("engine") != sha256:
            return None
        found = Verdict(**data)
        numbers = found.psnr_change_db, found.worst_pixel, found.allowed_db
        whole = all(isinstance(number, (int, float)) for number in numbers)
        texts = found.model, found.precision, found.problem or ""
        return found if whole and all(isinstance(text, str) for text in texts) else None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
