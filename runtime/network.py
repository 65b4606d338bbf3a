"""The engines of one PCSR bundle, named by what they do."""

from __future__ import annotations

from typing import Dict, Mapping

import numpy as np
import numpy.typing as npt

from pcsr_edge.runtime.bundle import Bundle
from pcsr_edge.runtime.engine import Array, Backend, CheckedEngine, Engine
from pcsr_edge.runtime.queries import Int32Array

FloatArray = npt.NDArray[np.float32]
Features = Mapping[str, Array]
"""Projection name → (cells, width); cells in raster order of the window."""


class Network:
    """Backbone, classifier and upsamplers of a bundle on one backend.

    The backbone uses all threads at once; classifier and upsamplers use one thread a call
    and are called from several threads, each on its own band.
    """

    def __init__(self, bundle: Bundle, backend: Backend, precision: str, threads: int) -> None:
        self.manifest = bundle.manifest
        self.classes = len(bundle.manifest.classes)

        def load(name: str, threads: int) -> Engine:
            return CheckedEngine(backend.load(bundle.graph(name, precision), threads), name)

        self._backbone = load("backbone", threads)
        self._upsamplers = [load(f"upsampler_{j}", 1) for j in range(self.classes)]
        self._classifier = load("classifier", 1) if self.classes > 1 else None

    def features(self, planes: FloatArray) -> Features:
        """Run the backbone on (1, 3, h, w) in [0, 1]: every projection, (h*w, width)."""
        return self._backbone.run({"image": planes})

    def logits(
        self, features: Features, cell: Int32Array, phase: Int32Array, geometry: FloatArray
    ) -> FloatArray:
        """Run the classifier on queries (n,): float32 (n, M). There must be two classes or more."""
        assert self._classifier is not None
        inputs = _inputs(features["projection_classifier"], cell, phase, geometry)
        return self._classifier.run(inputs)["logits"]

    def residual(
        self, j: int, features: Features, cell: Int32Array, phase: Int32Array, geometry: FloatArray
    ) -> FloatArray:
        """Run upsampler j on queries (n,): float32 (n, 3), as a difference of images in [0, 1]."""
        inputs = _inputs(features[f"projection_{j}"], cell, phase, geometry)
        out = self._upsamplers[j].run(inputs)["residual"]
        if self.manifest.std != 1:
            out *= np.float32(self.manifest.std)
        return out

    def close(self) -> None:
        """Release every engine."""
        for engine in (self._backbone, self._classifier, *self._upsamplers):
            if engine is not None:
                engine.close()


def _inputs(
    projection: Array, cell: Int32Array, phase: Int32Array, geometry: FloatArray
) -> Dict[str, Array]:
    return {"projection": projection, "cell": cell, "phase": phase, "geometry": geometry}
