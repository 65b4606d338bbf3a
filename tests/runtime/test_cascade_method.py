"""What a cascade refuses, and what it takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, Iterator

import numpy as np
import pytest
from support.fake_cascade import FakeCascade

from pcsr_edge.errors import BundleError, UsageError
from pcsr_edge.runtime.upscaler import Upscaler

IMAGE = np.zeros((4, 5, 3), np.uint8)


@pytest.fixture(name="up", scope="module")
def _up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upscaler]:
    model = FakeCascade(scale=3)
    bundle = model.bundle(tmp_path_factory.mktemp("bundle"))
    with Upscaler(bundle, model.backend(), threads=1) as up:
        yield up


SIZES: Dict[str, Dict[str, Any]] = {
    "scale-2": {"scale": 2},
    "scale-fraction": {"scale": 2.5},
    "size": {"size": (12, 16)},
}


@pytest.mark.parametrize("options", SIZES.values(), ids=SIZES.keys())
def test_another_scale_is_refused(up: Upscaler, options: Dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=r"of method cascade and was trained for scale 3"):
        up.run(IMAGE, **options)


WRONG: Dict[str, Dict[str, Any]] = {
    "class-two": {"force_class": 2},
    "class-negative": {"force_class": -1},
    "k-nan": {"k": float("nan")},
    "k-and-adaptive": {"k": 0.5, "adaptive": True},
    "work-beyond": {"work": 1.5},
    "work-and-k": {"work": 0.5, "k": 1.0},
    "tile-below-halo": {"tile": 1},
}


@pytest.mark.parametrize("options", WRONG.values(), ids=WRONG.keys())
def test_what_makes_no_sense_is_refused(up: Upscaler, options: Dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        up.run(IMAGE, **options)


@pytest.mark.parametrize(
    "options",
    [{}, {"k": -3}, {"adaptive": True}, {"force_class": 1}, {"refine": False}, {"work": 0.4}],
)
def test_every_choice_is_taken(up: Upscaler, options: Dict[str, Any]) -> None:
    assert up.run(IMAGE, **options).image.shape == (12, 15, 3)


@pytest.mark.parametrize("graph", ["trunk", "deep"])
def test_a_missing_graph_is_an_error(tmp_path: Path, graph: str) -> None:
    model = FakeCascade()
    bundle = model.bundle(tmp_path)
    (tmp_path / f"{graph}.onnx").unlink()
    with pytest.raises(BundleError, match=rf"{graph}\.onnx"):
        Upscaler(bundle, model.backend())
