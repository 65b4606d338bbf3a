"""A small supernet in NumPy, as the engines of a fake backend and as a bundle with a table."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Dict, List, Tuple

import numpy as np

from pcsr_edge.runtime.bundle import Bundle, load_bundle
from pcsr_edge.runtime.engine import Backend, Engine, FakeEngine
from pcsr_edge.runtime.manifest import ClassCost, GraphFile, Manifest
from pcsr_edge.runtime.patch_table import FILES, PatchTable, graphs_identity
from support.fake_model import conv3x3

PATCH, STEP, RADIUS = 6, 4, 1
COSTS = (40, 10, 0)
EMPTY = b"\x3a\x00"
"""An ONNX file with an empty graph: there is nothing to share."""


class FakeSupernet:
    """Two subnets of one 3x3 convolution each, and interpolation."""

    def __init__(self, scale: int = 2, method: str = "arm", blend: str = "ramp") -> None:
        rng = np.random.default_rng(scale)
        self.scale, self.method, self.blend = scale, method, blend
        self.kernels = rng.normal(size=(2, 3, 3, 3, 3 * scale**2)).astype(np.float32) * 0.2
        self.batches: List[Tuple[int, Tuple[int, ...]]] = []
        """Subnet and shape of the input of each call."""

    def phases(self, index: int, image: Any) -> Any:
        """Map (h, w, 3) to (3·scale², h, w) by a subnet."""
        made = image.repeat(self.scale**2, axis=2) + conv3x3(image, self.kernels[index])
        return np.ascontiguousarray(made.transpose(2, 0, 1), dtype=np.float32)

    def _run(self, index: int, inputs: Any) -> Dict[str, Any]:
        self.batches.append((index, inputs["image"].shape))
        images = inputs["image"].transpose(0, 2, 3, 1)
        return {"phases": np.stack([self.phases(index, image) for image in images])}

    def backend(self) -> Backend:
        """Return a backend that knows the subnets by the order in which they are loaded."""
        model = self
        loaded: List[int] = []

        class FakeBackend(Backend):
            name = "fake"

            def load(self, graph: bytes, threads: int) -> Engine:
                loaded.append(threads)
                index = len(loaded) - 1
                return FakeEngine(lambda inputs: model._run(index, inputs))

        return FakeBackend()

    def bundle(self, folder: Path, table: bool = True) -> Bundle:
        """Write a bundle, with a table unless it is not wanted, and load it."""
        folder.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256(EMPTY).hexdigest()
        graphs = {}
        for index in range(2):
            (folder / f"subnet_{index}.onnx").write_bytes(EMPTY)
            graphs[f"subnet_{index}"] = GraphFile(f"subnet_{index}.onnx", digest)
        manifest = Manifest(
            name="fake-supernet",
            method=self.method,
            scale=self.scale,
            channels="rgb",
            backbone_flops_per_cell=0,
            classes=tuple(map(ClassCost, COSTS)),
            receptive_field=RADIUS,
            patch=PATCH,
            step=STEP,
            blend=self.blend,
            default_eta=2.0,
            activation_floats_per_cell=20,
            precisions={"fp32": graphs},
        )
        (folder / "bundle.json").write_text(manifest.to_json(), encoding="utf-8")
        if table:
            text = fake_table(manifest).to_json()
            (folder / FILES[self.method]).write_text(text, encoding="utf-8")
        return load_bundle(folder)


def fake_table(manifest: Manifest) -> PatchTable:
    """Return a table whose harder categories gain more by wider subnets."""
    gains = [(30 - c, 30 - c - 0.1 * c, 30 - c - 0.3 * c) for c in range(4)]
    features = {"arm": 1, "wbsr": 2}[manifest.method]
    return PatchTable(
        method=manifest.method,
        identity=graphs_identity(manifest),
        direction=(1.0,) * features,
        low=0.0,
        high=160.0,
        psnr=tuple(gains),
        counts=(1, 1, 1, 1),
        costs=(1.0, 0.25, 0.0),
        costs_of="flops",
        source={},
    )
