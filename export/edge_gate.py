"""The accuracy gate of edge-SR networks: their one graph against the network, layer by layer."""

from __future__ import annotations

import contextlib
from functools import partial
from typing import Mapping, Tuple

import numpy as np
import numpy.typing as npt
import torch

from pcsr_edge.export.frame import Engines
from pcsr_edge.export.gate import (
    GateReport,
    GraphBytes,
    PictureResult,
    check_finite,
    checked_report,
    judged_engines,
)
from pcsr_edge.export.graph_check import check_output, trial_images
from pcsr_edge.export.pictures import Pair
from pcsr_edge.models import OneChannel
from pcsr_edge.runtime.engine import Engine
from pcsr_edge.runtime.quality import luma, plane_psnr

Plane = npt.NDArray[np.float32]
"""(1, 1, h, w)."""


def check_edge_accuracy(
    model: OneChannel, graphs: Mapping[str, GraphBytes], pairs: Tuple[Pair, ...]
) -> GateReport:
    """Hold the graph against `model` as published, and whole planes against the truth.

    The tolerances are those of `gate.check_accuracy`; PSNR is that of the luma.

    Args:
        model: in evaluation mode, float32.
        graphs: precision → graph `network`; fp32 among them.
        pairs: test pictures, at least one.

    Raises:
        AccuracyError: a graph differs too much; the message names the picture.
    """
    # Any channel can stand for luma in the trials.
    cases = {name: image[:, :1] for name, image in trial_images(pairs).items()}
    with contextlib.ExitStack() as stack, torch.no_grad():
        check = partial(_check_cases, model, cases)
        worst, judged = judged_engines(graphs, stack, check)
        networks = {name: each["network"] for name, each in judged.items()}
        results = tuple(_judge_picture(model, networks, pair) for pair in pairs)
    return checked_report(worst, results)


def _check_cases(
    model: OneChannel, cases: Mapping[str, Plane], engines: Engines, precision: str
) -> float:
    engine = engines["network"]
    return max(
        check_output(
            f"the {precision} graph network on {name}",
            _through_graph(model, engine, plane),
            _through_network(model, plane),
            precision,
        )
        for name, plane in cases.items()
    )


def _through_network(model: OneChannel, plane: Plane) -> Plane:
    padded = model.padded(torch.from_numpy(plane))
    return np.asarray(model.inner(model(padded)).numpy())


def _through_graph(model: OneChannel, engine: Engine, plane: Plane) -> Plane:
    return engine.run({"y": model.padded(torch.from_numpy(plane)).numpy()})["sr"]


def _judge_picture(model: OneChannel, engines: Mapping[str, Engine], pair: Pair) -> PictureResult:
    plane = (luma(pair.lr) / 255).astype(np.float32)[None, None]
    reference = _through_network(model, plane)
    frames = {name: _through_graph(model, engine, plane) for name, engine in engines.items()}
    for precision, frame in frames.items():
        check_finite(frame, precision, pair)
    truth, scale = luma(pair.hr), model.config.scale
    return PictureResult(
        pair.name,
        {"all": {name: plane_psnr(_codes(f), truth, scale) for name, f in frames.items()}},
        float(np.abs(frames["fp32"] - reference).max()),
        {},
    )


def _codes(plane: Plane) -> npt.NDArray[np.float32]:
    return np.asarray(np.clip(np.rint(plane[0, 0] * 255), 0, 255))
