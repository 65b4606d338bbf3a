"""Bundles, engines, and the way of a frame through them.

What users of the library call. `images`, `ladder` and `published` have tables of their own.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, List

if TYPE_CHECKING:
    from pcsr_edge.runtime.assignment import class_costs, heavy_classes
    from pcsr_edge.runtime.backends import OnnxRuntimeBackend, backend_for
    from pcsr_edge.runtime.bundle import Bundle, load_bundle, shipped_bundles
    from pcsr_edge.runtime.engine import Backend, Engine, FakeEngine
    from pcsr_edge.runtime.manifest import ClassCost, GraphFile, Manifest, Quality
    from pcsr_edge.runtime.options import scaled_size
    from pcsr_edge.runtime.quality import psnr, ssim
    from pcsr_edge.runtime.resample import crop_to_multiple, downscale, to_uint8
    from pcsr_edge.runtime.result import Result
    from pcsr_edge.runtime.upscaler import Upscaler

_CONTENTS = {
    "assignment": ("class_costs", "heavy_classes"),
    "backends": ("OnnxRuntimeBackend", "backend_for"),
    "bundle": ("Bundle", "load_bundle", "shipped_bundles"),
    "engine": ("Backend", "Engine", "FakeEngine"),
    "manifest": ("ClassCost", "GraphFile", "Manifest", "Quality"),
    "options": ("scaled_size",),
    "quality": ("psnr", "ssim"),
    "resample": ("crop_to_multiple", "downscale", "to_uint8"),
    "result": ("Result",),
    "upscaler": ("Upscaler",),
}

__all__ = [
    "Backend",
    "Bundle",
    "ClassCost",
    "Engine",
    "FakeEngine",
    "GraphFile",
    "Manifest",
    "OnnxRuntimeBackend",
    "Quality",
    "Result",
    "Upscaler",
    "backend_for",
    "class_costs",
    "crop_to_multiple",
    "downscale",
    "heavy_classes",
    "load_bundle",
    "psnr",
    "scaled_size",
    "shipped_bundles",
    "ssim",
    "to_uint8",
]


def __getattr__(name: str) -> Any:
    # Loaded on first use, so that importing one file of the room costs no other.
    for module, names in _CONTENTS.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> List[str]:
    return sorted(__all__)
