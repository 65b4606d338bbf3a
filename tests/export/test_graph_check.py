"""Each graph alone: what it is tried on, and how a difference is measured and judged."""

from __future__ import annotations

from typing import Any, Callable

import numpy as np
import pytest
import torch
from support.networks import Run

from pcsr_edge.errors import AccuracyError
from pcsr_edge.export.graph_check import (
    GRAPH_TOLERANCE,
    HALF_TOLERANCE,
    PHASES,
    check_output,
    make_cases,
    trial_images,
)
from pcsr_edge.export.graphs import graphs_of
from pcsr_edge.export.pictures import make_pairs
from pcsr_edge.models import PCSR

PAIRS = make_pairs([np.random.RandomState(4).randint(256, size=(32, 40, 3)).astype(np.uint8)], 2)
EXPECTED = np.array([[0.5, -4.0]], dtype=np.float32)


def test_trial_images_are_extreme_ones_and_the_pictures() -> None:
    images = trial_images(PAIRS)
    assert {"one pixel", "black", "white", "the picture picture 0"} < set(images)
    assert len({image.shape for image in images.values()}) >= 5
    for image in images.values():
        assert image.dtype == np.float32
        assert 0 <= image.min() <= image.max() <= 1


def test_a_picture_is_tried_as_it_is() -> None:
    image = trial_images(PAIRS)["the picture picture 0"]
    np.testing.assert_allclose(image[0].transpose(1, 2, 0) * 255, PAIRS[0].lr, atol=1e-4)


def test_a_case_holds_what_torch_computes(make_model: Callable[..., PCSR], run: Run) -> None:
    model = make_model(mean=(0.4, 0.5, 0.6))
    graphs = graphs_of(model, "fp32", {})
    case = make_cases(model, 2, PAIRS)[0]
    assert case.queries["geometry"].shape == (PHASES, 4)
    projections = run(graphs["backbone"], {"image": case.image})
    for name, expected in case.projections.items():
        np.testing.assert_allclose(projections[name], expected, atol=1e-5)
    inputs = {**case.queries, "projection": projections["projection_1"]}
    residual = run(graphs["upsampler_1"], inputs)["residual"]
    np.testing.assert_allclose(residual, case.heads["upsampler_1"], atol=1e-5)


def test_a_difference_is_relative_to_the_range() -> None:
    assert check_output("x", EXPECTED + 4e-5, EXPECTED, "fp32") == pytest.approx(1e-5, rel=0.02)


def test_small_outputs_are_held_against_one() -> None:
    small = EXPECTED / 100
    assert check_output("x", small + 5e-5, small, "fp32") == pytest.approx(5e-5, rel=0.01)


@pytest.mark.parametrize(
    ("precision", "allowed"), [("fp32", GRAPH_TOLERANCE), ("fp16", HALF_TOLERANCE)]
)
def test_tolerances(precision: str, allowed: float) -> None:
    check_output("x", EXPECTED + 4 * 0.9 * allowed, EXPECTED, precision)
    with pytest.raises(AccuracyError, match="x differs from the network by"):
        check_output("x", EXPECTED + 4 * 1.1 * allowed, EXPECTED, precision)


@pytest.mark.parametrize("precision", ["fp32", "fp16"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_refused(precision: str, value: float) -> None:
    got: Any = EXPECTED.copy()
    got[0, 0] = value
    with pytest.raises(AccuracyError, match="x gives NaN or infinity"):
        check_output("x", got, EXPECTED, precision)


def test_cases_need_no_gradient(make_model: Callable[..., PCSR]) -> None:
    with torch.no_grad():
        cases = make_cases(make_model().requires_grad_(True), 2, PAIRS)
    assert all(isinstance(value, np.ndarray) for case in cases for value in case.heads.values())
