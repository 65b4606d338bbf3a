"""Each graph alone against the part of the network it was made from."""

from __future__ import annotations

from typing import Dict, Tuple

import numpy as np
import numpy.typing as npt
import torch

from pcsr_edge.errors import AccuracyError
from pcsr_edge.export.backbone_graph import heads_of
from pcsr_edge.export.frame import Engines, image_input
from pcsr_edge.export.pictures import Pair
from pcsr_edge.models import PCSR
from pcsr_edge.models.mlp import PixelMLP
from pcsr_edge.runtime.engine import Array, Engine

GRAPH_TOLERANCE = 1e-4
"""Greatest |graph - torch| / max(1, |torch|) of an fp32 graph; outputs have no fixed range."""
QUERIES = 512
"""Queries that are tried on each head and image."""
PHASES = 7
"""Rows of the geometry table in that trial."""
Image = npt.NDArray[np.float32]


def check_graphs(model: PCSR, engines: Engines, precision: str, pairs: Tuple[Pair, ...]) -> float:
    """Run every graph on noise, extremes and the LR pictures; return the worst difference.

    The difference is max |graph - torch| / max(1, max |torch|).

    Raises:
        AccuracyError: a result is not finite, or for fp32 differs by more than `GRAPH_TOLERANCE`.
    """
    worst = 0.0
    for case, image in _images(pairs).items():
        for graph, (got, expected) in _outputs(model, engines, image).items():
            where = f"the {precision} graph {graph} on {case}"
            if not np.isfinite(got).all():
                raise AccuracyError(
                    f"{where} gives NaN or infinity; nothing was written: export with --precision "
                    "fp32, or train the network further"
                )
            difference = _difference(got, expected)
            if precision == "fp32" and not difference <= GRAPH_TOLERANCE:
                raise AccuracyError(
                    f"{where} differs from the network by {difference:.2g} of its range, allowed "
                    f"is {GRAPH_TOLERANCE:g}; nothing was written"
                )
            worst = max(worst, difference)
    return worst


def _difference(got: Array, expected: Array) -> float:
    scale = max(1.0, float(np.abs(expected).max()))
    return float(np.abs(got.astype(np.float64) - expected).max()) / scale


def _images(pairs: Tuple[Pair, ...]) -> Dict[str, Image]:
    """Return name → image (1, 3, h, w): several sizes, since graphs have no fixed one."""
    random = np.random.RandomState(0)
    checks = np.indices((16, 24)).sum(axis=0) % 2
    images = {
        "noise": random.uniform(size=(1, 3, 24, 20)),
        "one pixel": random.uniform(size=(1, 3, 1, 1)),
        "black": np.zeros((1, 3, 9, 16)),
        "white": np.ones((1, 3, 16, 9)),
        "a checkerboard": np.broadcast_to(checks, (1, 3, 16, 24)),
        "saturated noise": random.randint(2, size=(1, 3, 20, 24)),
    }
    cases = {name: np.ascontiguousarray(image, dtype=np.float32) for name, image in images.items()}
    cases.update({f"the picture {pair.name}": image_input(pair.lr) for pair in pairs})
    return cases


def _outputs(model: PCSR, engines: Engines, image: Image) -> Dict[str, Tuple[Array, Array]]:
    """Return graph → (its output, what torch computes)."""
    features = model.backbone(model.normalise(torch.from_numpy(image)))
    rows = features[0].flatten(1).T
    projections = engines["backbone"].run({"image": image})
    out: Dict[str, Tuple[Array, Array]] = {}
    for suffix, head in heads_of(model).items():
        projection = projections[f"projection_{suffix}"]
        expected = rows @ head.projection_weight().T
        out[f"backbone (projection_{suffix})"] = projection, expected.numpy()
        name = "classifier" if suffix == "classifier" else f"upsampler_{suffix}"
        out[name] = _head_output(head, engines[name], projection, rows)
    return out


def _head_output(
    head: PixelMLP, engine: Engine, projection: Array, rows: torch.Tensor
) -> Tuple[Array, Array]:
    """Run one head on random cells, with geometry that no integer scale has."""
    random = np.random.RandomState(1)
    geometry = random.uniform(-1, 1, size=(PHASES, 4)).astype(np.float32)
    cell = random.randint(len(rows), size=QUERIES).astype(np.int32)
    phase = random.randint(PHASES, size=QUERIES).astype(np.int32)
    inputs = {"projection": projection, "cell": cell, "phase": phase, "geometry": geometry}
    (got,) = engine.run(inputs).values()
    queries = torch.cat([rows[cell], torch.from_numpy(geometry[phase])], dim=1)
    return got, head(queries).numpy()
