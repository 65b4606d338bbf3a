"""The accuracy gate of supernets: the graph of every subnet against the network in PyTorch."""

from __future__ import annotations

import contextlib
from functools import partial
from typing import List, Mapping, Tuple

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
from pcsr_edge.export.graph_check import Image, check_output, trial_images
from pcsr_edge.export.pictures import Pair
from pcsr_edge.export.supernet_graph import subnet_name
from pcsr_edge.models import Supernet
from pcsr_edge.runtime.engine import Array
from pcsr_edge.runtime.quality import psnr

Frames = List[npt.NDArray[np.float32]]


def check_supernet_accuracy(
    model: Supernet, graphs: Mapping[str, GraphBytes], pairs: Tuple[Pair, ...]
) -> GateReport:
    """Hold each graph against its subnet, and whole frames of each class against the truth.

    The tolerances are those of `gate.check_accuracy`.

    Args:
        model: in evaluation mode, float32.
        graphs: precision → complete graphs `subnet_0`…; fp32 among them.
        pairs: test pictures, at least one.

    Raises:
        AccuracyError: a graph differs too much; the message names graph and picture.
    """
    with contextlib.ExitStack() as stack, torch.no_grad():
        cases = {name: (x, _expected(model, x)) for name, x in trial_images(pairs).items()}
        worst, judged = judged_engines(graphs, stack, partial(_check_cases, cases))
        results = tuple(_judge_picture(model, judged, pair) for pair in pairs)
    return checked_report(worst, results)


def _expected(model: Supernet, image: Image) -> List[Array]:
    lr = torch.from_numpy(image)
    base = model.base(lr)
    return [(model.phases(lr, j) + base).numpy() for j in range(len(model.config.widths))]


def _check_cases(
    cases: Mapping[str, Tuple[Image, List[Array]]], engines: Engines, precision: str
) -> float:
    return max(
        check_output(
            f"the {precision} graph {subnet_name(index)} on {name}",
            engines[subnet_name(index)].run({"image": image})["phases"],
            expected,
            precision,
        )
        for name, (image, outputs) in cases.items()
        for index, expected in enumerate(outputs)
    )


def _judge_picture(model: Supernet, engines: Mapping[str, Engines], pair: Pair) -> PictureResult:
    reference = [r.numpy() for r in model.results(torch.from_numpy(image_input(pair.lr)))]
    frames = {name: _frames(model, each, pair.lr) for name, each in engines.items()}
    for precision, images in frames.items():
        check_finite(np.stack(images), precision, pair)
    table = {
        f"class {j}": {
            precision: psnr(rounded(_pixels(images[j])), pair.hr, "rgb", model.config.scale)
            for precision, images in frames.items()
        }
        for j in range(len(reference))
    }
    differences = [np.abs(a - b).max() for a, b in zip(frames["fp32"], reference)]
    return PictureResult(pair.name, table, float(max(differences)), {})


def _frames(model: Supernet, engines: Engines, lr: Picture) -> Frames:
    """Return the whole picture through each subnet, widest first: (1, 3, H, W) each."""
    image = image_input(lr)
    outputs = [
        torch.from_numpy(engines[subnet_name(j)].run({"image": image})["phases"])
        for j in range(len(model.config.widths))
    ]
    return [F.pixel_shuffle(phases, model.config.scale).numpy() for phases in outputs]


def _pixels(planes: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Turn (1, 3, H, W) into (H, W, 3)."""
    return np.ascontiguousarray(planes[0].transpose(1, 2, 0))
