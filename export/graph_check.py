"""Each graph alone against the part of the network it was made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, Iterator, List, Mapping, Sequence, Tuple

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional as F

from pcsr_edge.errors import AccuracyError
from pcsr_edge.export.backbone_graph import heads_of
from pcsr_edge.export.frame import Engines, image_input
from pcsr_edge.export.pictures import Pair
from pcsr_edge.models import PCSR
from pcsr_edge.models.geometry import phase_geometry
from pcsr_edge.runtime.engine import Array

GRAPH_TOLERANCE = 1e-4
"""Greatest |graph - torch| / max(1, |torch|) of an fp32 graph; outputs have no fixed range."""
HALF_TOLERANCE = 0.1
"""The same of an fp16 graph: enough to find one that computes something else. Sound ones were seen
at up to 0.017 (the published CARN); whether that is near enough, PSNR tells."""
QUERIES = 512
"""Queries that are tried on each head and image."""
PHASES = 7
"""Rows of the geometry table in that trial, which is none of an integer scale."""
Image = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Case:
    """One image, and what the network makes of it."""

    name: str
    """As errors call it."""
    image: Image
    """(1, 3, h, w) in [0, 1]."""
    queries: Mapping[str, Array]
    """`cell`, `phase` and `geometry` of the queries that heads are tried on."""
    projections: Mapping[str, Array]
    """Name of the backbone's output → what torch computes."""
    heads: Mapping[str, Array]
    """Name of an upsampler or of the classifier → what torch computes for the queries."""
    phases: Array
    """`geometry` of the scale's phases."""
    everywhere: Mapping[str, Array]
    """`base`, or name of a dense head → what torch computes for all phases of all cells."""


def make_cases(model: PCSR, scale: int, pairs: Sequence[Pair]) -> List[Case]:
    """Run `model` on noise, extremes and the LR pictures."""
    return [_case(model, scale, name, image) for name, image in trial_images(pairs).items()]


def trial_images(pairs: Sequence[Pair]) -> Dict[str, Image]:
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
    named = {name: np.ascontiguousarray(image, dtype=np.float32) for name, image in images.items()}
    named.update({f"the picture {pair.name}": image_input(pair.lr) for pair in pairs})
    return named


def _case(model: PCSR, scale: int, name: str, image: Image) -> Case:
    features = model.backbone(model.normalise(torch.from_numpy(image)))
    rows = features[0].flatten(1).T
    random = np.random.RandomState(1)
    geometry = random.uniform(-1, 1, size=(PHASES, 4)).astype(np.float32)
    cell = random.randint(len(rows), size=QUERIES).astype(np.int32)
    phase = random.randint(PHASES, size=QUERIES).astype(np.int32)
    inputs = torch.cat([rows[cell], torch.from_numpy(geometry[phase])], dim=1)
    phases = phase_geometry(scale)
    every = torch.cat(
        [rows[:, None].expand(-1, len(phases), -1), phases.expand(len(rows), -1, -1)], dim=2
    )
    projections: Dict[str, Array] = {}
    outputs: Dict[str, Array] = {}
    everywhere: Dict[str, Array] = {"base": _base(image, scale)}
    for suffix, head in heads_of(model).items():
        projections[f"projection_{suffix}"] = (rows @ head.projection_weight().T).numpy()
        graph = "classifier" if suffix == "classifier" else f"upsampler_{suffix}"
        outputs[graph] = head(inputs).numpy()
        everywhere[f"{graph}_dense"] = head(every.flatten(0, 1)).numpy()
    queries = {"cell": cell, "phase": phase, "geometry": geometry}
    return Case(name, image, queries, projections, outputs, phases.numpy(), everywhere)


def _base(image: Image, scale: int) -> Array:
    """Return the bilinear base in the order of cells: (h*w*scale², 3)."""
    big = F.interpolate(torch.from_numpy(image), scale_factor=scale, mode="bilinear")
    cells = F.pixel_unshuffle(big, scale)[0]
    return cells.reshape(3, scale * scale, -1).permute(2, 1, 0).reshape(-1, 3).numpy()


def check_graphs(cases: Sequence[Case], engines: Engines, precision: str) -> float:
    """Run every graph on every case; return max |graph - torch| / max(1, max |torch|).

    Raises:
        AccuracyError: see `check_output`.
    """
    worst = 0.0
    for case in cases:
        for graph, got, expected in _outputs(case, engines):
            where = f"the {precision} graph {graph} on {case.name}"
            difference = check_output(where, got, expected, precision)
            worst = max(worst, difference)
    return worst


def check_output(where: str, got: Array, expected: Array, precision: str) -> float:
    """Return max |graph - torch| / max(1, max |torch|) of one output.

    Args:
        where: names the graph and its input in errors.
        got: what the graph gives.
        expected: what torch gives.
        precision: of the graph.

    Raises:
        AccuracyError: a value is not finite, or differs by more than `GRAPH_TOLERANCE`, for fp16
            `HALF_TOLERANCE`.
    """
    if not np.isfinite(got).all():
        raise AccuracyError(
            f"{where} gives NaN or infinity; nothing was written: export with --precision fp32, or "
            "train the network further"
        )
    difference = _difference(got, expected)
    allowed = GRAPH_TOLERANCE if precision == "fp32" else HALF_TOLERANCE
    if not difference <= allowed:
        raise AccuracyError(
            f"{where} differs from the network by {difference:.2g} of its range, allowed is "
            f"{allowed:g}; nothing was written"
        )
    return difference


def _outputs(case: Case, engines: Engines) -> Iterator[Tuple[str, Array, Array]]:
    """Go through the graphs: name, result, what torch computes."""
    projections = engines["backbone"].run({"image": case.image})
    for name, expected in case.projections.items():
        yield f"backbone ({name})", projections[name], expected
    for graph, expected in case.heads.items():
        suffix = graph.rsplit("_", 1)[-1]
        inputs = {**case.queries, "projection": projections[f"projection_{suffix}"]}
        (got,) = engines[graph].run(inputs).values()
        yield graph, got, expected
    for graph in sorted(engines.keys() & case.everywhere.keys()):
        if graph == "base":
            margin = ((0, 0), (0, 0), (1, 1), (1, 1))
            inputs = {"image": np.pad(case.image, margin, mode="edge")}
        else:
            suffix = graph.split("_")[-2]
            inputs = {"projection": projections[f"projection_{suffix}"], "geometry": case.phases}
        (got,) = engines[graph].run(inputs).values()
        yield graph, got, case.everywhere[graph]


def _difference(got: Array, expected: Array) -> float:
    scale = max(1.0, float(np.abs(expected).max()))
    return float(np.abs(got.astype(np.float64) - expected).max()) / scale
