"""The accuracy gate of cascades: their two graphs against the network in PyTorch."""

from __future__ import annotations

import contextlib
from functools import partial
from typing import Dict, Iterator, List, Mapping, Tuple

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
from pcsr_edge.models import Cascade
from pcsr_edge.models.blocks import all_blocks, gather_blocks, place_blocks
from pcsr_edge.runtime.engine import Array
from pcsr_edge.runtime.quality import psnr

CLASSES = ("class 0", "class 1")


def check_cascade_accuracy(
    model: Cascade, graphs: Mapping[str, GraphBytes], pairs: Tuple[Pair, ...]
) -> GateReport:
    """Hold the graphs against `model`, and whole frames of each class against the truth.

    The tolerances are those of `gate.check_accuracy`. The deep graph is tried on all blocks of
    what the trunk graph gives.

    Args:
        model: in evaluation mode, float32.
        graphs: precision → graphs `trunk` and `deep`; fp32 among them.
        pairs: test pictures, at least one.

    Raises:
        AccuracyError: a graph differs too much; the message names graph and picture.
    """
    with contextlib.ExitStack() as stack, torch.no_grad():
        cases = {name: (x, _expected(model, x)) for name, x in trial_images(pairs).items()}
        check = partial(_check_cases, model, cases)
        worst, judged = judged_engines(graphs, stack, check)
        results = tuple(_judge_picture(model, judged, pair) for pair in pairs)
    return checked_report(worst, results)


def _expected(model: Cascade, image: Image) -> Dict[str, Array]:
    """Compute what the graphs give, the corrections of all blocks put together."""
    lr = torch.from_numpy(image)
    features = model.trunk(lr)
    light = model.light(features) + model.base(lr)
    found = {"features": features, "gain": model.gain(features).exp(), "phases": light}
    found["correction"] = model.correction(features)
    return {name: values.numpy() for name, values in found.items()}


def _check_cases(
    model: Cascade,
    cases: Mapping[str, Tuple[Image, Mapping[str, Array]]],
    engines: Engines,
    precision: str,
) -> float:
    return max(
        check_output(
            f"the {precision} graph {graph} ({output}) on {name}",
            got,
            expected[output],
            precision,
        )
        for name, (image, expected) in cases.items()
        for graph, output, got in _outputs(model, engines, image)
    )


def _outputs(model: Cascade, engines: Engines, image: Image) -> Iterator[Tuple[str, str, Array]]:
    """Run both graphs on a picture; give graph, output and values."""
    trunk = engines["trunk"].run({"image": image})
    for output in ("features", "gain", "phases"):
        yield "trunk", output, trunk[output]
    yield "deep", "correction", _correction(model, engines, trunk["features"])


def _correction(model: Cascade, engines: Engines, features: Array) -> Array:
    """Run the deep graph on every block of a picture: (1, 3·scale², h, w)."""
    config = model.config
    size = features.shape[2:]
    blocks = all_blocks(size[0], size[1], config.block)
    windows = gather_blocks(torch.from_numpy(features), blocks, config.block, config.margin)
    parts = engines["deep"].run({"features": windows[0].numpy()})["correction"]
    return np.asarray(place_blocks(torch.from_numpy(parts)[None], blocks, size).numpy())


def _judge_picture(model: Cascade, engines: Mapping[str, Engines], pair: Pair) -> PictureResult:
    image = image_input(pair.lr)
    reference = [result.numpy() for result in model.results(torch.from_numpy(image))]
    frames = {name: _frames(model, each, pair.lr) for name, each in engines.items()}
    for precision, images in frames.items():
        check_finite(np.stack(images), precision, pair)
    table = {
        name: {
            precision: psnr(rounded(_pixels(images[j])), pair.hr, "rgb", model.config.scale)
            for precision, images in frames.items()
        }
        for j, name in enumerate(CLASSES)
    }
    differences = [np.abs(a - b).max() for a, b in zip(frames["fp32"], reference)]
    return PictureResult(pair.name, table, float(max(differences)), {})


def _frames(model: Cascade, engines: Engines, lr: Picture) -> List[npt.NDArray[np.float32]]:
    """Return the picture with each class everywhere, heaviest first: (1, 3, H, W) each."""
    outputs = {name: got for _, name, got in _outputs(model, engines, image_input(lr))}
    light = torch.from_numpy(outputs["phases"])
    heavy = light + torch.from_numpy(outputs["correction"])
    scale = model.config.scale
    return [F.pixel_shuffle(phases, scale).numpy() for phases in (heavy, light)]


def _pixels(planes: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Turn (1, 3, H, W) into (H, W, 3)."""
    return np.ascontiguousarray(planes[0].transpose(1, 2, 0))
