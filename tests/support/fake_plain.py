"""A small plain network in NumPy, as the engine of a fake backend and as a bundle."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Dict, List

import numpy as np

from pcsr_edge.runtime.bundle import Bundle, load_bundle
from pcsr_edge.runtime.engine import Backend, Engine, FakeEngine
from pcsr_edge.runtime.manifest import GraphFile, Manifest
from support.fake_model import conv3x3

RADIUS = 2


class FakePlain:
    """Two 3x3 convolutions (receptive radius 2) and what each phase of a cell adds to it."""

    def __init__(self, seed: int = 0, scale: int = 3) -> None:
        rng = np.random.default_rng(seed)
        outputs = 3 * scale**2
        self.scale = scale
        self.kernels = [
            rng.normal(size=(3, 3, 3, 4)).astype(np.float32) * 0.3,
            rng.normal(size=(3, 3, 4, outputs)).astype(np.float32) * 0.1,
        ]
        self.seen: List[Any] = []
        """Shapes of the images that the engine was called on."""
        self.threads: List[int] = []
        """Threads that each graph was loaded for."""

    def upscale(self, image: Any) -> Any:
        """Map (h, w, 3) in [0, 1] to (h*scale, w*scale, 3)."""
        height, width = image.shape[:2]
        phases = conv3x3(np.maximum(conv3x3(image, self.kernels[0]), 0), self.kernels[1])
        split = phases.reshape(height, width, 3, self.scale, self.scale)
        residual = split.transpose(0, 3, 1, 4, 2).reshape(
            height * self.scale, width * self.scale, 3
        )
        return residual + image.repeat(self.scale, axis=0).repeat(self.scale, axis=1)

    def _network(self, inputs: Any) -> Dict[str, Any]:
        self.seen.append(inputs["image"].shape)
        sr = self.upscale(inputs["image"][0].transpose(1, 2, 0))
        height, width = inputs["image"].shape[2:]
        split = sr.reshape(height, self.scale, width, self.scale, 3).transpose(4, 1, 3, 0, 2)
        return {"phases": split.reshape(1, -1, height, width).astype(np.float32)}

    def backend(self) -> Backend:
        """Return a backend that knows this network's graph."""
        engine: Engine = FakeEngine(self._network)
        threads_seen = self.threads

        class FakeBackend(Backend):
            name = "fake"

            def load(self, graph: bytes, threads: int) -> Engine:
                assert graph == b"network"
                threads_seen.append(threads)
                return engine

        return FakeBackend()

    def bundle(self, folder: Path) -> Bundle:
        """Write a bundle whose graph is its own name, and load it."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "network.onnx").write_bytes(b"network")
        digest = hashlib.sha256(b"network").hexdigest()
        manifest = Manifest(
            name="fake-plain",
            method="plain",
            scale=self.scale,
            channels="rgb",
            backbone_flops_per_cell=900,
            receptive_field=RADIUS,
            activation_floats_per_cell=20,
            precisions={"fp32": {"network": GraphFile("network.onnx", digest)}},
        )
        (folder / "bundle.json").write_text(manifest.to_json(), encoding="utf-8")
        return load_bundle(folder)
