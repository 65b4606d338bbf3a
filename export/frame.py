"""Whole frames through the graphs and through the network, the plain way: what the gate judges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, Mapping, Tuple

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional as F

from pcsr_edge.models import PCSR
from pcsr_edge.models.geometry import axis_geometry, phase_geometry, query_inputs
from pcsr_edge.runtime.engine import Array, Engine

Engines = Mapping[str, Engine]
"""Graph name → engine."""
Floats = npt.NDArray[np.float32]
ClassMap = npt.NDArray[np.int64]
Picture = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Frames:
    """A super-resolved picture in every class, not refined."""

    images: Floats
    """(M, H, W, 3), nominally in [0, 1], not clipped: all queries through each upsampler."""
    class_map: ClassMap
    """(H, W), the most probable class of each query."""

    def assigned(self, class_map: ClassMap) -> Floats:
        """Return the picture (H, W, 3) that a class map (H, W) makes."""
        picked = np.take_along_axis(self.images, class_map[None, :, :, None], axis=0)
        return np.asarray(picked[0])


def image_input(lr: Picture) -> Floats:
    """Map uint8 (h, w, 3) to the backbone's input (1, 3, h, w) in [0, 1]."""
    return np.ascontiguousarray(lr.transpose(2, 0, 1)[None], dtype=np.float32) / np.float32(255)


def rounded(image: Floats) -> Picture:
    """Map [0, 1] to uint8, clipped."""
    return np.clip(np.rint(image * 255), 0, 255).astype(np.uint8)


def graph_frames(model: PCSR, engines: Engines, lr: Picture, scale: int) -> Frames:
    """Super-resolve `lr` (h, w, 3) through `engines`.

    `model` tells the normalisation alone; nothing is computed by its layers.
    """
    image = image_input(lr)
    queries = _queries(lr.shape[0], lr.shape[1], scale)
    projections = engines["backbone"].run({"image": image})
    residuals = [
        _run_head(engines, f"upsampler_{j}", projections[f"projection_{j}"], queries)
        for j in range(model.classes)
    ]
    size = (lr.shape[0] * scale, lr.shape[1] * scale)
    class_map = np.zeros(size, dtype=np.int64)
    if "classifier" in engines:
        projection = projections["projection_classifier"]
        logits = _run_head(engines, "classifier", projection, queries)
        class_map = logits.argmax(axis=1).reshape(size)
    stacked = torch.from_numpy(np.stack(residuals))
    return Frames(_finish(model, image, stacked, size), class_map)


def network_frames(model: PCSR, lr: Picture, scale: int) -> Frames:
    """Super-resolve `lr` (h, w, 3) by the torch network."""
    image = image_input(lr)
    size = (lr.shape[0] * scale, lr.shape[1] * scale)
    features = model.backbone(model.normalise(torch.from_numpy(image)))
    queries = query_inputs(features, size)[0]
    residuals = model.residuals(queries).transpose(0, 1)
    class_map = model.logits(queries).argmax(dim=1).reshape(size).numpy()
    return Frames(_finish(model, image, residuals, size), class_map)


def _run_head(
    engines: Engines, name: str, projection: Array, queries: Mapping[str, Array]
) -> Array:
    (output,) = engines[name].run({**queries, "projection": projection}).values()
    return output


def _queries(h: int, w: int, scale: int) -> Dict[str, Array]:
    """Return `cell`, `phase` and `geometry` of every query pixel, in raster order."""
    rows, cols = axis_geometry(h, h * scale).cell.numpy(), axis_geometry(w, w * scale).cell.numpy()
    phase_y, phase_x = np.arange(h * scale) % scale, np.arange(w * scale) % scale
    return {
        "cell": (rows[:, None] * w + cols).astype(np.int32).ravel(),
        "phase": (phase_y[:, None] * scale + phase_x).astype(np.int32).ravel(),
        "geometry": phase_geometry(scale).numpy(),
    }


def _finish(model: PCSR, image: Floats, residuals: torch.Tensor, size: Tuple[int, int]) -> Floats:
    """Add residuals (M, H*W, 3) to the bilinear upsampling of `image`: (M, H, W, 3)."""
    planes = residuals.transpose(1, 2).reshape(-1, 3, *size)
    normalised = model.normalise(torch.from_numpy(image))
    base = F.interpolate(normalised, size, mode="bilinear", align_corners=False)
    return np.asarray(model.denormalise(base + planes).permute(0, 2, 3, 1).numpy())
