"""One case of a profile: a model at one setting, on one size of picture."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, Mapping, Optional, Tuple


@dataclass(frozen=True)
class Case:
    """What is measured; two profiles compare cases of the same `key`."""

    model: str
    """Name of the bundle."""
    method: str
    """Its method, e.g. `pcsr`."""
    setting: str
    """What of it can be set, e.g. `k=0.5`; empty where nothing can."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """Arguments of `Upscaler.run` that make the setting."""
    size: Tuple[int, int] = (270, 480)
    """(h, w) of the picture before it is enlarged."""
    output_size: Tuple[int, int] = (1080, 1920)
    """(H, W) of the result."""
    precision: str = "fp32"
    backend: str = "onnxruntime-cpu"
    """What ran the graphs."""
    device: str = "auto"
    """What was asked for."""
    threads: int = 1
    psnr: Optional[float] = None
    """dB on Set5, Y, as the bundle states it for this setting; None where it does not."""
    graphs: str = ""
    """Hash of the graphs that run, and of a supernet's table: of a bundle that was trained,
    exported or calibrated anew it is another."""

    @property
    def name(self) -> str:
        """Model and setting, e.g. `pcsr-fsrcnn-x4 k=0.5`."""
        return f"{self.model} {self.setting}".strip()

    @property
    def megapixels(self) -> float:
        """Millions of pixels of the result."""
        return self.output_size[0] * self.output_size[1] / 1e6

    def as_dict(self) -> Dict[str, Any]:
        """Return the fields as JSON shows them; sizes are [width, height]."""
        return {
            "model": self.model,
            "method": self.method,
            "setting": self.setting,
            "options": dict(self.options),
            "size": list(self.size[::-1]),
            "output_size": list(self.output_size[::-1]),
            "precision": self.precision,
            "backend": self.backend,
            "device": self.device,
            "threads": self.threads,
            "psnr_db": self.psnr,
            "graphs": self.graphs,
        }
