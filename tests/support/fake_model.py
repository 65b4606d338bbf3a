"""A small PCSR network in plain NumPy: as engines of a fake backend, and query by query."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Dict, List, Sequence, Tuple

import numpy as np

from pcsr_edge.runtime.bilinear import bilinear_rows
from pcsr_edge.runtime.bundle import Bundle, load_bundle
from pcsr_edge.runtime.engine import Backend, Engine, FakeEngine
from pcsr_edge.runtime.geometry import Axis, Span
from pcsr_edge.runtime.manifest import ClassCost, GraphFile, Manifest

RADIUS = 2


class FakeMLP:
    """Linear layers with ReLU between them; the first on `[feature, geometry]`.

    Outputs are multiplied by `gain`.
    """

    def __init__(
        self, rng: np.random.Generator, inputs: int, widths: Sequence[int], gain: float = 1
    ) -> None:
        self.layers: List[Tuple[Any, Any]] = []
        fan_in = inputs + 4
        for width in widths:
            weight = rng.normal(size=(width, fan_in)).astype(np.float32) / np.sqrt(fan_in)
            self.layers.append(
                (weight.astype(np.float32), rng.normal(size=width).astype(np.float32))
            )
            fan_in = width
        weight, bias = self.layers[-1]
        self.layers[-1] = weight * np.float32(gain), bias * np.float32(gain)
        self.inputs = inputs

    @property
    def projection(self) -> Any:
        """W_f of the first layer: (width, D)."""
        return self.layers[0][0][:, : self.inputs]

    def query(self, x: Any) -> Any:
        """Evaluate one query input (D + 4,)."""
        for index, (weight, bias) in enumerate(self.layers):
            x = weight @ x + bias
            if index + 1 < len(self.layers):
                x = np.maximum(x, 0)
        return x

    def engine(self, output: str) -> Engine:
        """Return an engine with the signature of the upsampler and classifier graphs."""

        def run(inputs: Any) -> Dict[str, Any]:
            weight, bias = self.layers[0]
            table = inputs["geometry"] @ weight[:, self.inputs :].T + bias
            x = inputs["projection"][inputs["cell"]] + table[inputs["phase"]]
            for weight, bias in self.layers[1:]:
                x = np.maximum(x, 0) @ weight.T + bias
            return {output: x.astype(np.float32)}

        return FakeEngine(run)

    def dense_engine(self, output: str) -> Engine:
        """Return an engine with the signature of the dense graphs."""

        def run(inputs: Any) -> Dict[str, Any]:
            cells, phases = len(inputs["projection"]), len(inputs["geometry"])
            cell = np.repeat(np.arange(cells), phases)
            phase = np.tile(np.arange(phases), cells)
            return self.engine(output).run({**inputs, "cell": cell, "phase": phase})

        return FakeEngine(run)


def base(inputs: Any) -> Dict[str, Any]:
    """Upsample the inner pixels of a margined image by 4, in the order of cells."""
    image = np.ascontiguousarray(inputs["image"][0].transpose(1, 2, 0))
    height, width = image.shape[:2]
    axes = Axis(height, 4 * height), Axis(width, 4 * width)
    rows, cols = Span(4, 4 * height - 4), Span(4, 4 * width - 4)
    big = bilinear_rows(image, (0, 0), axes, rows, cols)
    cells = big.reshape(height - 2, 4, width - 2, 4, 3).transpose(0, 2, 1, 3, 4)
    return {"base": np.ascontiguousarray(cells).reshape(-1, 3)}


def conv3x3(image: Any, kernel: Any) -> Any:
    """Convolve (h, w, C) with (3, 3, C, D), zero padding."""
    padded = np.pad(image, ((1, 1), (1, 1), (0, 0)))
    height, width = image.shape[:2]
    # One pixel at a time in value order: equal whatever the window's size is.
    out = np.zeros((height, width, kernel.shape[3]), dtype=np.float32)
    for dy in range(3):
        for dx in range(3):
            for c in range(image.shape[2]):
                out += padded[dy : dy + height, dx : dx + width, c, None] * kernel[dy, dx, c]
    return out


class FakeModel:
    """Two 3x3 convolutions (receptive radius 2), M upsamplers, a classifier."""

    def __init__(
        self,
        seed: int,
        classes: int = 2,
        channels: int = 3,
        std: float = 1.0,
        dense: bool = False,
    ) -> None:
        self.std = std
        self.dense = dense
        rng = np.random.default_rng(seed)
        self.kernels = [
            rng.normal(size=(3, 3, 3, channels)).astype(np.float32) * 0.5,
            rng.normal(size=(3, 3, channels, channels)).astype(np.float32) * 0.5,
        ]
        # So small that most results are not clipped.
        self.upsamplers = [
            FakeMLP(rng, channels, [5 - j % 3, 4, 3], gain=0.1) for j in range(classes)
        ]
        self.classifier = FakeMLP(rng, channels, [4, classes])
        self.classes = classes
        self.flops_query = [1000 // (j + 1) for j in range(classes)]
        self.flops_cell = 700

    def features(self, image: Any) -> Any:
        """Map (h, w, 3) in [0, 1] to features (h, w, D)."""
        hidden = np.maximum(
            conv3x3((image - np.float32(0.5)) / np.float32(self.std), self.kernels[0]), 0
        )
        return conv3x3(hidden, self.kernels[1])

    def _backbone(self, inputs: Any) -> Dict[str, Any]:
        features = self.features(inputs["image"][0].transpose(1, 2, 0))
        flat = features.reshape(-1, features.shape[-1])
        heads = {f"projection_{j}": u.projection for j, u in enumerate(self.upsamplers)}
        if self.classes > 1:
            heads["projection_classifier"] = self.classifier.projection
        out = {}
        for name, weight in heads.items():
            # einsum in place of a matrix product, whose rounding depends on the window's size.
            out[name] = np.einsum("nc,dc->nd", flat, weight, optimize=False)
        return out

    def backend(self) -> Backend:
        """Return a backend that knows this model's graphs."""
        engines: Dict[bytes, Engine] = {b"backbone": FakeEngine(self._backbone)}
        engines[b"classifier"] = self.classifier.engine("logits")
        for j, upsampler in enumerate(self.upsamplers):
            engines[f"upsampler_{j}".encode()] = upsampler.engine("residual")
            engines[f"upsampler_{j}_dense".encode()] = upsampler.dense_engine("residual")
        engines[b"classifier_dense"] = self.classifier.dense_engine("logits")
        engines[b"base"] = FakeEngine(base)

        class FakeBackend(Backend):
            name = "fake"

            def load(self, graph: bytes, threads: int) -> Engine:
                return engines[graph]

        return FakeBackend()

    def bundle(self, folder: Path) -> Bundle:
        """Write a bundle whose graphs are their own names, and load it."""
        folder.mkdir(parents=True, exist_ok=True)
        heads = ["classifier"] if self.classes > 1 else []
        heads += [f"upsampler_{j}" for j in range(self.classes)]
        names = ["backbone", *heads]
        if self.dense:
            names += ["base", *(f"{head}_dense" for head in heads)]
        graphs = {}
        for name in names:
            (folder / f"{name}.onnx").write_bytes(name.encode())
            digest = hashlib.sha256(name.encode()).hexdigest()
            graphs[name] = GraphFile(f"{name}.onnx", digest)
        manifest = Manifest(
            name="fake",
            method="pcsr",
            scale=4,
            channels="rgb",
            classes=tuple(ClassCost(f) for f in self.flops_query),
            backbone_flops_per_cell=self.flops_cell,
            classifier_flops_per_query=10,
            mean=(0.5, 0.5, 0.5),
            std=self.std,
            receptive_field=RADIUS,
            activation_floats_per_cell=20,
            precisions={"fp32": graphs},
        )
        (folder / "bundle.json").write_text(manifest.to_json(), encoding="utf-8")
        return load_bundle(folder)
