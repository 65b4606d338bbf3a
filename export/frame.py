"""One whole frame through the graphs, the plain way: what the gate judges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, Mapping, Tuple

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional as F

from pcsr_edge.models import PCSR
from pcsr_edge.models.geometry import axis_geometry, phase_geometry
from pcsr_edge.runtime.engine import Array, Engine

Engines = Mapping[str, Engine]
"""Graph name → engine."""


@dataclass(frozen=True)
class Frame:
    """A super-resolved picture, not refined."""

    image: npt.NDArray[np.float32]
    """(H, W, 3), nominally in [0, 1], not clipped."""
    class_map: npt.NDArray[np.int64]
    """(H, W)."""

    def rounded(self) -> npt.NDArray[np.uint8]:
        """Return the picture as uint8 (H, W, 3)."""
        return np.clip(np.rint(self.image * 255), 0, 255).astype(np.uint8)


def image_input(lr: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Map uint8 (h, w, 3) to the backbone's input (1, 3, h, w) in [0, 1]."""
    return np.ascontiguousarray(lr.transpose(2, 0, 1)[None], dtype=np.float32) / np.float32(255)


def run_frame(model: PCSR, engines: Engines, lr: npt.NDArray[np.uint8], scale: int) -> Frame:
    """Super-resolve `lr` (h, w, 3) through `engines`; each query takes its most probable class.

    `model` tells the normalisation alone; nothing is computed by its layers.
    """
    image = image_input(lr)
    height, width = lr.shape[0] * scale, lr.shape[1] * scale
    projections = engines["backbone"].run({"image": image})
    queries = _queries(lr.shape[0], lr.shape[1], scale)
    classes = _assign(engines, projections, queries)
    residual = np.zeros((height * width, 3), dtype=np.float32)
    for index in range(model.classes):
        members = np.flatnonzero(classes == index)
        part = {**queries, "cell": queries["cell"][members], "phase": queries["phase"][members]}
        inputs = {**part, "projection": projections[f"projection_{index}"]}
        residual[members] = engines[f"upsampler_{index}"].run(inputs)["residual"]
    normalised = model.normalise(torch.from_numpy(image))
    base = F.interpolate(normalised, (height, width), mode="bilinear", align_corners=False)
    planes = torch.from_numpy(residual.T.reshape(1, 3, height, width))
    out = model.denormalise(base + planes)[0].permute(1, 2, 0).numpy()
    return Frame(out, classes.reshape(height, width))


def _queries(h: int, w: int, scale: int) -> Dict[str, Array]:
    """Return `cell`, `phase` and `geometry` of every query pixel, in raster order."""
    rows, cols = axis_geometry(h, h * scale).cell.numpy(), axis_geometry(w, w * scale).cell.numpy()
    phase_y, phase_x = np.arange(h * scale) % scale, np.arange(w * scale) % scale
    return {
        "cell": (rows[:, None] * w + cols).astype(np.int32).ravel(),
        "phase": (phase_y[:, None] * scale + phase_x).astype(np.int32).ravel(),
        "geometry": phase_geometry(scale).numpy(),
    }


def _assign(
    engines: Engines, projections: Mapping[str, Array], queries: Mapping[str, Array]
) -> npt.NDArray[np.int64]:
    if "classifier" not in engines:
        return np.zeros(len(queries["cell"]), dtype=np.int64)
    inputs = {**queries, "projection": projections["projection_classifier"]}
    return np.asarray(engines["classifier"].run(inputs)["logits"].argmax(axis=1))


def reference_frame(
    model: PCSR, lr: npt.NDArray[np.uint8], class_map: npt.NDArray[np.int64]
) -> npt.NDArray[np.float32]:
    """Super-resolve `lr` by the torch network with given classes: (H, W, 3), not clipped."""
    size: Tuple[int, int] = (class_map.shape[0], class_map.shape[1])
    with torch.no_grad():
        out = model(torch.from_numpy(image_input(lr)), size, torch.from_numpy(class_map)[None])
    return np.asarray(out[0].permute(1, 2, 0).numpy())
