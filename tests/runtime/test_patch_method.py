"""What a supernet refuses, and what it takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, Iterator

import numpy as np
import pytest
from support.fake_plain import FakePlain
from support.fake_supernet import FakeSupernet

from pcsr_edge.errors import BundleError, UsageError
from pcsr_edge.runtime.upscaler import Upscaler

IMAGE = np.zeros((4, 5, 3), np.uint8)


@pytest.fixture(name="up", scope="module")
def _up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upscaler]:
    model = FakeSupernet(scale=3)
    bundle = model.bundle(tmp_path_factory.mktemp("bundle"))
    with Upscaler(bundle, model.backend(), threads=1) as up:
        yield up


WRONG: Dict[str, Any] = {
    "scale": ({"scale": 2}, "of method arm and was trained for scale 3"),
    "eta-negative": ({"eta": -0.1}, "eta = -0.1 is not valid"),
    "eta-nan": ({"eta": float("nan")}, "eta = nan is not valid"),
    "eta-infinite": ({"eta": float("inf")}, "eta = inf is not valid"),
    "eta-text": ({"eta": "2"}, "eta = '2' is not valid"),
    "eta-bool": ({"eta": True}, "eta = True is not valid"),
    "k": ({"k": 0.5}, "by eta: k makes no sense"),
    "adaptive": ({"adaptive": True}, "by eta: adaptive makes no sense"),
    "eta-and-class": ({"eta": 1, "force_class": 0}, "eta and force_class were both given"),
    "class": ({"force_class": 3}, r"classes 0 \(heaviest\) to 2"),
    "tile": ({"tile": 0.5}, "tile 0.5 is not valid"),
}


@pytest.mark.parametrize(("options", "message"), WRONG.values(), ids=WRONG.keys())
def test_what_makes_no_sense_is_refused(up: Upscaler, options: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        up.run(IMAGE, **options)


@pytest.mark.parametrize(
    "options",
    [{}, {"eta": 0}, {"eta": 1e300}, {"force_class": 2}, {"halo": True}, {"refine": False}],
)
@pytest.mark.parametrize("size", [(1, 1), (4, 5), (7, 2), (19, 11)])
def test_every_choice_is_taken_at_every_size(up: Upscaler, options: Any, size: Any) -> None:
    result = up.run(np.zeros((*size, 3), np.uint8), **options)
    assert result.image.shape == (3 * size[0], 3 * size[1], 3)
    assert result.class_map.max() <= 2


@pytest.mark.parametrize("options", [{"eta": 1.0}, {"halo": True}])
def test_other_methods_refuse_what_concerns_patches(tmp_path: Path, options: Any) -> None:
    model = FakePlain()
    up = Upscaler(model.bundle(tmp_path), model.backend())
    with up, pytest.raises(UsageError, match="chooses no subnet for a patch"):
        up.run(IMAGE, **options)


def test_without_a_table_a_class_can_be_forced_alone(tmp_path: Path) -> None:
    model = FakeSupernet()
    with Upscaler(model.bundle(tmp_path, table=False), model.backend()) as up:
        assert up.run(IMAGE, force_class=1).image.shape == (8, 10, 3)
        with pytest.raises(BundleError, match="has no edge_psnr"):
            up.run(IMAGE)


def test_a_missing_graph_is_an_error(tmp_path: Path) -> None:
    model = FakeSupernet()
    bundle = model.bundle(tmp_path)
    (tmp_path / "subnet_1.onnx").unlink()
    with pytest.raises(BundleError, match=r"subnet_1\.onnx"):
        Upscaler(bundle, model.backend())
