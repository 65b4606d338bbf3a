"""The engines of one PCSR bundle, named by what they do."""

from __future__ import annotations

from typing import Dict, Mapping, Tuple

import numpy as np
import numpy.typing as npt

from pcsr_edge.runtime.bundle import Bundle
from pcsr_edge.runtime.engine import Array, Backend, Engine
from pcsr_edge.runtime.geometry import Axis
from pcsr_edge.runtime.graph_engine import load_engine
from pcsr_edge.runtime.queries import Int32Array

FloatArray = npt.NDArray[np.float32]
Features = Mapping[str, Array]
"""Projection name → (cells, width); cells in raster order of the window."""


class Network:
    """Backbone and heads of a bundle on one backend.

    Every engine uses one thread a call and is called from several threads, each on its own
    strip or band: calls of bounded size, so that engines may keep their memory.
    """

    def __init__(self, bundle: Bundle, backend: Backend, precision: str) -> None:
        self.manifest = bundle.manifest
        self.classes = len(bundle.manifest.classes)
        self._engines: Dict[str, Engine] = {
            name: load_engine(bundle, backend, name, precision)
            for name in bundle.manifest.precisions["fp32"]
        }

    def has_dense_graphs(self, axes: Tuple[Axis, Axis]) -> bool:
        """Tell whether the methods `base`, `every_logit` and `every_residual` know the scale."""
        scale = self.manifest.scale
        return self.manifest.has_dense_graphs and all(
            isinstance(scale, int) and axis.n_hr == axis.n_lr * scale for axis in axes
        )

    def features(self, planes: FloatArray) -> Features:
        """Run the backbone on (1, 3, h, w) in [0, 1]: every projection, (h*w, width)."""
        return self._engines["backbone"].run({"image": planes})

    def logits(
        self, projection: Array, cell: Int32Array, phase: Int32Array, geometry: FloatArray
    ) -> FloatArray:
        """Run the classifier on queries (n,): float32 (n, M). There must be two classes or more."""
        inputs = {"projection": projection, "cell": cell, "phase": phase, "geometry": geometry}
        return self._engines["classifier"].run(inputs)["logits"]

    def residual(
        self, j: int, projection: Array, cell: Int32Array, phase: Int32Array, geometry: FloatArray
    ) -> FloatArray:
        """Run upsampler j on queries (n,): float32 (n, 3), as a difference of images in [0, 1]."""
        inputs = {"projection": projection, "cell": cell, "phase": phase, "geometry": geometry}
        return self._scaled(self._engines[f"upsampler_{j}"].run(inputs)["residual"])

    def base(self, planes: FloatArray) -> FloatArray:
        """Upsample (1, 3, h+2, w+2), a margin around h x w cells: (h*w*scale², 3), by cells."""
        return self._engines["base"].run({"image": planes})["base"]

    def every_logit(self, projection: Array, geometry: FloatArray) -> FloatArray:
        """Run the classifier on all phases of cells (n, width): (n*scale², M), by cells."""
        inputs = {"projection": projection, "geometry": geometry}
        return self._engines["classifier_dense"].run(inputs)["logits"]

    def every_residual(self, j: int, projection: Array, geometry: FloatArray) -> FloatArray:
        """Run upsampler j on all phases of cells (n, width): (n*scale², 3), by cells."""
        inputs = {"projection": projection, "geometry": geometry}
        return self._scaled(self._engines[f"upsampler_{j}_dense"].run(inputs)["residual"])

    def close(self) -> None:
        """Release every engine."""
        for engine in self._engines.values():
            engine.close()

    def _scaled(self, residual: FloatArray) -> FloatArray:
        if self.manifest.std != 1:
            residual *= np.float32(self.manifest.std)
        return residual
