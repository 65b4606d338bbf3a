"""A small edge-SR network in NumPy, as the engine of a fake backend and as a bundle."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Dict, List

import numpy as np

from pcsr_edge.runtime.bundle import Bundle, load_bundle
from pcsr_edge.runtime.engine import Backend, Engine, FakeEngine
from pcsr_edge.runtime.manifest import GraphFile, Manifest

RADIUS = 2


class FakeEdge:
    """eSR-MAX with two 5x5 filters (receptive radius 2) that pads nothing."""

    def __init__(self, seed: int = 0, scale: int = 3, floats_per_cell: int = 20) -> None:
        rng = np.random.default_rng(seed)
        self.scale, self.floats_per_cell = scale, floats_per_cell
        kernels = rng.normal(size=(2, scale**2, 5, 5)) * 0.02
        kernels[..., RADIUS, RADIUS] += 1
        self.kernels = (kernels / kernels.sum(axis=(2, 3), keepdims=True)).astype(np.float32)
        self.seen: List[Any] = []
        """Shapes of the windows that the engine was called on."""

    def upscale(self, plane: Any) -> Any:
        """Map a plane (h, w) to (h*scale, w*scale), its edge repeated."""
        return self.valid(np.pad(plane, RADIUS, mode="edge"))

    def valid(self, window: Any) -> Any:
        """Map (h + 4, w + 4) to (h*scale, w*scale)."""
        height, width = (n - 2 * RADIUS for n in window.shape)
        phases = np.zeros((2, self.scale**2, height, width), np.float32)
        for y in range(5):
            for x in range(5):
                part = window[y : y + height, x : x + width]
                phases += self.kernels[:, :, y, x, None, None] * part
        split = phases.max(axis=0).reshape(self.scale, self.scale, height, width)
        return split.transpose(2, 0, 3, 1).reshape(height * self.scale, width * self.scale)

    def _network(self, inputs: Any) -> Dict[str, Any]:
        y = inputs["y"]
        assert y.dtype == np.float32
        assert y.shape[:2] == (1, 1)
        self.seen.append(y.shape)
        return {"sr": np.ascontiguousarray(self.valid(y[0, 0]), dtype=np.float32)[None, None]}

    def backend(self) -> Backend:
        """Return a backend that knows this network's graph."""
        engine: Engine = FakeEngine(self._network)

        class FakeBackend(Backend):
            name = "fake"

            def load(self, graph: bytes, threads: int) -> Engine:
                assert (graph, threads) == (b"network", 1)
                return engine

        return FakeBackend()

    def bundle(self, folder: Path) -> Bundle:
        """Write a bundle whose graph is its own name, and load it."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "network.onnx").write_bytes(b"network")
        digest = hashlib.sha256(b"network").hexdigest()
        manifest = Manifest(
            name="fake-edge",
            method="edge-sr",
            scale=self.scale,
            channels="y",
            backbone_flops_per_cell=900,
            receptive_field=RADIUS,
            activation_floats_per_cell=self.floats_per_cell,
            precisions={"fp32": {"network": GraphFile("network.onnx", digest)}},
        )
        (folder / "bundle.json").write_text(manifest.to_json(), encoding="utf-8")
        return load_bundle(folder)
