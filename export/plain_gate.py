"""The accuracy gate of plain networks: their one graph against the network in PyTorch."""

from __future__ import annotations

import contextlib
from functools import partial
from typing import Mapping, Sequence, Tuple

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional as F

from pcsr_edge.export.frame import Engines, Picture, image_input, rounded
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
from pcsr_edge.models import Plain
from pcsr_edge.runtime.engine import Engine
from pcsr_edge.runtime.quality import psnr

Frame = npt.NDArray[np.float32]


def check_plain_accuracy(
    model: Plain, graphs: Mapping[str, GraphBytes], pairs: Tuple[Pair, ...]
) -> GateReport:
    """Hold the graph against `model`, and whole frames against the truth.

    The tolerances are those of `gate.check_accuracy`.

    Args:
        model: in evaluation mode, float32.
        graphs: precision → graph `network`; fp32 among them.
        pairs: test pictures, at least one.

    Raises:
        AccuracyError: a graph differs too much; the message names the picture.
    """
    with contextlib.ExitStack() as stack, torch.no_grad():
        cases = {
            name: (image, _phases(model, image)) for name, image in trial_images(pairs).items()
        }
        worst, judged = judged_engines(graphs, stack, partial(_check_cases, cases))
        networks = {name: each["network"] for name, each in judged.items()}
        results = tuple(_judge_picture(model, networks, pair) for pair in pairs)
    return checked_report(worst, results)


def _check_cases(
    cases: Mapping[str, Sequence[npt.NDArray[np.float32]]], engines: Engines, precision: str
) -> float:
    engine = engines["network"]
    return max(
        check_output(
            f"the {precision} graph network on {name}",
            engine.run({"image": image})["phases"],
            expected,
            precision,
        )
        for name, (image, expected) in cases.items()
    )


def _judge_picture(model: Plain, engines: Mapping[str, Engine], pair: Pair) -> PictureResult:
    reference = _pixels(model(torch.from_numpy(image_input(pair.lr))).numpy())
    scale = model.config.scale
    frames = {name: _frame(engine, pair.lr, scale) for name, engine in engines.items()}
    for precision, frame in frames.items():
        check_finite(frame, precision, pair)
    return PictureResult(
        pair.name,
        {"all": {name: psnr(rounded(f), pair.hr, "rgb", scale) for name, f in frames.items()}},
        float(np.abs(frames["fp32"] - reference).max()),
        {},
    )


def _phases(model: Plain, image: Frame) -> Frame:
    return F.pixel_unshuffle(model(torch.from_numpy(image)), model.config.scale).numpy()


def _frame(engine: Engine, lr: Picture, scale: int) -> Frame:
    phases = torch.from_numpy(engine.run({"image": image_input(lr)})["phases"])
    return _pixels(F.pixel_shuffle(phases, scale).numpy())


def _pixels(planes: Frame) -> Frame:
    """Turn (1, 3, H, W) into (H, W, 3)."""
    return np.ascontiguousarray(planes[0].transpose(1, 2, 0))
