"""What a plain network refuses, naming its method and its scale."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, Iterator

import numpy as np
import pytest
from support.fake_plain import FakePlain

from pcsr_edge.errors import BundleError, UsageError
from pcsr_edge.runtime.upscaler import Upscaler

IMAGE = np.zeros((4, 5, 3), np.uint8)


@pytest.fixture(name="up", scope="module")
def _up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upscaler]:
    model = FakePlain(scale=3)
    bundle = model.bundle(tmp_path_factory.mktemp("bundle"))
    with Upscaler(bundle, model.backend(), threads=1) as up:
        yield up


CHOICES: Dict[str, Dict[str, Any]] = {
    "k": {"k": 0.5},
    "k-zero": {"k": 0.0},
    "adaptive": {"adaptive": True},
    "class": {"force_class": 0},
    "prices": {"prices": (2.0, 1.0)},
}


@pytest.mark.parametrize("options", CHOICES.values(), ids=CHOICES.keys())
def test_a_choice_among_classes_is_refused(up: Upscaler, options: Dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=r"fake-plain is of method plain.*same work"):
        up.run(IMAGE, **options)


SIZES: Dict[str, Dict[str, Any]] = {
    "scale-2": {"scale": 2},
    "scale-4": {"scale": 4},
    "scale-fraction": {"scale": 2.5},
    "size": {"size": (12, 16)},
}


@pytest.mark.parametrize("options", SIZES.values(), ids=SIZES.keys())
def test_another_scale_is_refused(up: Upscaler, options: Dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=r"trained for scale 3: it makes 15x12 of 5x4, not"):
        up.run(IMAGE, **options)
    with pytest.raises(UsageError, match=r"trained for scale 3"):
        up.check((4, 5), **options)


@pytest.mark.parametrize(
    "options", [{}, {"scale": 3}, {"scale": 3.0}, {"size": (12, 15)}, {"refine": False}]
)
def test_the_trained_scale_is_taken(up: Upscaler, options: Dict[str, Any]) -> None:
    assert up.run(IMAGE, **options).image.shape == (12, 15, 3)


OTHER: Dict[str, Dict[str, Any]] = {
    "tile-below-halo": {"tile": 1},
    "memory-zero": {"memory_limit": 0},
    "scale-and-size": {"scale": 3, "size": (12, 15)},
}


@pytest.mark.parametrize("options", OTHER.values(), ids=OTHER.keys())
def test_what_no_method_takes_is_refused(up: Upscaler, options: Dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        up.run(IMAGE, **options)


def test_a_missing_graph_is_an_error(tmp_path: Path) -> None:
    model = FakePlain()
    bundle = model.bundle(tmp_path)
    (tmp_path / "network.onnx").unlink()
    with pytest.raises(BundleError, match=r"network\.onnx"):
        Upscaler(bundle, model.backend())
