"""What the frames of a result depend on: unfinished work is gone on with by the same alone."""

from __future__ import annotations

from typing import Any, Dict, Tuple

from pcsr_edge.runtime.bundle import MANIFEST_NAME
from pcsr_edge.runtime.upscaler import Upscaler
from pcsr_edge.runtime.video.av_source import AvSource
from pcsr_edge.runtime.video.encoding import Encoding
from pcsr_edge.runtime.video.paced import PacedUpscaler
from pcsr_edge.runtime.video.request import VideoRequest
from pcsr_edge.runtime.video.work import fingerprint

_HARMLESS = ("tile", "memory_limit")
"""Options that leave the result as it is."""


def settings_of(
    request: VideoRequest,
    upscaler: Upscaler,
    source: AvSource,
    size: Tuple[int, int],
    encoding: Encoding,
) -> Dict[str, Any]:
    """Return the settings of a result, as JSON can hold them.

    Args:
        request: what is asked for.
        upscaler: the model.
        source: the input.
        size: (H, W) of the result.
        encoding: of the result.

    Raises:
        InputError: the input or a bundle cannot be read.
    """
    bundles = [upscaler.bundle]
    if isinstance(upscaler, PacedUpscaler):
        bundles = upscaler.bundles(source.facts.size, size)
    hashes = [fingerprint(bundle.folder / MANIFEST_NAME)["sha256"] for bundle in bundles]
    return {
        "version": 1,
        # Frames without compression have the same size, and may begin and end alike.
        "input": {**fingerprint(request.source), "frames": source.inventory.checksum},
        "model": ", ".join(bundle.name for bundle in bundles),
        "model_hash": ", ".join(hashes),
        "precision": request.precision,
        "budget_ms": getattr(upscaler, "budget_ms", None),
        "backend": None if len(bundles) > 1 else upscaler.backend_name,
        "size": list(size),
        "options": {k: v for k, v in request.options.items() if k not in _HARMLESS},
        "codec": encoding.codec,
        "pix_fmt": encoding.pix_fmt,
        "encoder_options": dict(encoding.options),
        "encoder_threads": encoding.threads,
        "on_error": request.on_error,
        "segment": request.segment,
        "still_threshold": request.still_threshold,
    }
