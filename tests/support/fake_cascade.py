"""A small cascade in NumPy, as the engines of a fake backend and as a bundle."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Dict, List

import numpy as np

from pcsr_edge.runtime.bundle import Bundle, load_bundle
from pcsr_edge.runtime.engine import Backend, Engine, FakeEngine
from pcsr_edge.runtime.manifest import ClassCost, GraphFile, Manifest
from support.fake_model import conv3x3

BLOCK, MARGIN, TRUNK_RADIUS = 4, 1, 1


class FakeCascade:
    """One 3x3 convolution as trunk; one as deep part, on blocks of 4 with a margin of 1."""

    def __init__(self, seed: int = 0, scale: int = 2) -> None:
        rng = np.random.default_rng(seed)
        self.scale, self.channels = scale, 4
        self.trunk = rng.normal(size=(3, 3, 3, 4)).astype(np.float32) * 0.3
        self.light = rng.normal(size=(4, 3 * scale**2)).astype(np.float32) * 0.1
        self.deep = rng.normal(size=(3, 3, 4, 3 * scale**2)).astype(np.float32) * 0.1
        self.seen: List[Any] = []
        """Shapes of the images that the trunk was called on."""
        self.batches: List[int] = []
        """Blocks of each call of the deep part."""
        self.threads: List[int] = []
        """Threads that each graph was loaded for."""

    def features(self, image: Any) -> Any:
        """Map (h, w, 3) to (h, w, 4)."""
        return np.maximum(conv3x3(image, self.trunk), 0)

    def gain(self, image: Any) -> Any:
        """Map (h, w, 3) to the cells' gains (h, w): around 1."""
        return np.exp(16 * (image[..., 0] - 0.5)).astype(np.float32)

    def light_phases(self, image: Any) -> Any:
        """Map (h, w, 3) to the light result (h, w, 3·scale²)."""
        return self.features(image) @ self.light + image.repeat(self.scale**2, axis=2)

    def corrections(self, image: Any) -> Any:
        """Map (h, w, 3) to the corrections of all cells (h, w, 3·scale²)."""
        height, width = image.shape[:2]
        features = self.features(image)
        room = [(MARGIN, MARGIN + BLOCK)] * 2 + [(0, 0)]
        padded = np.pad(features, room)
        out = np.zeros((height, width, 3 * self.scale**2), dtype=np.float32)
        size = BLOCK + 2 * MARGIN
        for top in range(0, height, BLOCK):
            for left in range(0, width, BLOCK):
                row = max(0, min(top, height - BLOCK))
                col = max(0, min(left, width - BLOCK))
                window = padded[row : row + size, col : col + size]
                block = self._deep_block(window)[top - row :, left - col :]
                target = out[top : top + BLOCK, left : left + BLOCK]
                target[:] = block[: target.shape[0], : target.shape[1]]
        return out

    def upscale(self, image: Any, classes: Any) -> Any:
        """Map (h, w, 3) in [0, 1] to (h*scale, w*scale, 3), by the class of each cell (h, w)."""
        phases = self.light_phases(image)
        phases = phases + np.where(classes[..., None] == 0, self.corrections(image), 0)
        height, width = image.shape[:2]
        split = phases.reshape(height, width, 3, self.scale, self.scale)
        return split.transpose(0, 3, 1, 4, 2).reshape(height * self.scale, width * self.scale, 3)

    def _deep_block(self, window: Any) -> Any:
        # conv3x3 pads with zeros; without its rim it is the unpadded convolution.
        return conv3x3(window, self.deep)[MARGIN:-MARGIN, MARGIN:-MARGIN]

    def _run_trunk(self, inputs: Any) -> Dict[str, Any]:
        self.seen.append(inputs["image"].shape)
        image = inputs["image"][0].transpose(1, 2, 0)
        return {
            "features": _planes(self.features(image)),
            "gain": _planes(self.gain(image)[..., None]),
            "phases": _planes(self.light_phases(image)),
        }

    def _run_deep(self, inputs: Any) -> Dict[str, Any]:
        windows = inputs["features"]
        self.batches.append(len(windows))
        blocks = [_planes(self._deep_block(w.transpose(1, 2, 0))) for w in windows]
        return {"correction": np.concatenate(blocks)}

    def backend(self) -> Backend:
        """Return a backend that knows this network's graphs."""
        engines: Dict[bytes, Engine] = {
            b"trunk": FakeEngine(self._run_trunk),
            b"deep": FakeEngine(self._run_deep),
        }
        threads_seen = self.threads

        class FakeBackend(Backend):
            name = "fake"

            def load(self, graph: bytes, threads: int) -> Engine:
                threads_seen.append(threads)
                return engines[graph]

        return FakeBackend()

    def bundle(self, folder: Path) -> Bundle:
        """Write a bundle whose graphs are their own names, and load it."""
        folder.mkdir(parents=True, exist_ok=True)
        graphs = {}
        for name in ("trunk", "deep"):
            (folder / f"{name}.onnx").write_bytes(name.encode())
            digest = hashlib.sha256(name.encode()).hexdigest()
            graphs[name] = GraphFile(f"{name}.onnx", digest)
        manifest = Manifest(
            name="fake-cascade",
            method="cascade",
            scale=self.scale,
            channels="rgb",
            backbone_flops_per_cell=96,
            classes=(ClassCost(76), ClassCost(1)),
            classifier_flops_per_query=1,
            receptive_field=TRUNK_RADIUS + MARGIN,
            block=BLOCK,
            margin=MARGIN,
            activation_floats_per_cell=20,
            precisions={"fp32": graphs},
        )
        (folder / "bundle.json").write_text(manifest.to_json(), encoding="utf-8")
        return load_bundle(folder)


def _planes(values: Any) -> Any:
    """Turn (h, w, n) into float32 (1, n, h, w)."""
    return np.ascontiguousarray(values.transpose(2, 0, 1)[None], dtype=np.float32)
