"""Pictures through an edge-SR network: luma by the network, chroma by bicubic, tiles exact."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Tuple

import numpy as np
import pytest
from support.fake_edge import FakeEdge

from pcsr_edge.errors import UsageError
from pcsr_edge.runtime.colour import Matrix, Range, rgb_to_ycbcr, ycbcr_to_rgb
from pcsr_edge.runtime.resample import bicubic
from pcsr_edge.runtime.upscaler import Upscaler


def picture(height: int, width: int, dtype: Any = np.uint8) -> Any:
    white = {"uint8": 255, "uint16": 65535, "float32": 1}[np.dtype(dtype).name]
    values = np.random.default_rng(3).random((height, width, 3)) * white
    return values.astype(dtype)


def expected(model: FakeEdge, image: Any) -> Any:
    planes = rgb_to_ycbcr(image, Matrix.BT601, Range.STUDIO)
    size = image.shape[0] * model.scale, image.shape[1] * model.scale
    cb, cr = (
        bicubic(plane, size, (model.scale, model.scale)).astype(np.float32)
        for plane in (planes.cb, planes.cr)
    )
    out = np.empty((*size, 3), image.dtype)
    return ycbcr_to_rgb(model.upscale(planes.y), cb, cr, Matrix.BT601, Range.STUDIO, out=out)


def upscaler(model: FakeEdge, folder: Path, threads: int = 1) -> Upscaler:
    return Upscaler(model.bundle(folder), model.backend(), threads=threads)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("size", [(1, 1), (1, 9), (7, 2), (23, 31)])
def test_a_frame_is_luma_by_the_network_and_chroma_by_bicubic(
    tmp_path: Path, dtype: Any, size: Tuple[int, int]
) -> None:
    model, image = FakeEdge(), picture(*size, dtype)
    got = upscaler(model, tmp_path)(image)
    assert got.dtype == image.dtype
    step = {"uint8": 1, "uint16": 2, "float32": 1e-5}[image.dtype.name]
    assert np.abs(got.astype(np.float64) - expected(model, image)).max() <= step


@pytest.mark.parametrize("tile", [2, 5, 16, "off"])
@pytest.mark.parametrize("threads", [1, 3])
def test_tiles_and_threads_change_no_bit(tmp_path: Path, tile: Any, threads: int) -> None:
    model, image = FakeEdge(scale=2, floats_per_cell=6000), picture(61, 47)
    whole = upscaler(FakeEdge(scale=2), tmp_path / "a")(image)
    assert np.array_equal(
        upscaler(model, tmp_path / "b", threads).run(image, tile=tile).image, whole
    )


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_a_gray_picture_stays_gray(tmp_path: Path, dtype: Any) -> None:
    model, gray = FakeEdge(), picture(19, 12, dtype)
    gray[..., 1:] = gray[..., :1]
    got = upscaler(model, tmp_path)(gray)
    assert np.array_equal(got[..., 0], got[..., 1])
    assert np.array_equal(got[..., 1], got[..., 2])
    step = {"uint8": 1, "uint16": 2, "float32": 1e-5}[got.dtype.name]
    assert np.abs(got.astype(np.float64) - expected(model, gray)).max() <= step


def test_a_window_brings_the_margin_that_the_graph_takes(tmp_path: Path) -> None:
    model = FakeEdge()
    upscaler(model, tmp_path)(picture(8, 11))
    assert model.seen == [(1, 1, 12, 15)]


def test_all_of_a_picture_is_one_class(tmp_path: Path) -> None:
    result = upscaler(FakeEdge(), tmp_path).run(picture(4, 5))
    assert result.fractions == (1.0,)
    assert result.class_map.shape == (12, 15)
    assert {"preprocess", "network", "postprocess", "total"} == set(result.times)


def test_progress_counts_tiles(tmp_path: Path) -> None:
    seen = []
    upscaler(FakeEdge(), tmp_path).run(
        picture(9, 4), tile=5, progress=lambda done, total: seen.append((done, total))
    )
    assert seen == [(1, 2), (2, 2)]


def test_another_scale_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="method edge-sr and was trained for scale 3"):
        upscaler(FakeEdge(), tmp_path).run(picture(4, 5), scale=2)


def test_a_choice_among_classes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="same work: k makes no sense"):
        upscaler(FakeEdge(), tmp_path).run(picture(4, 5), k=0.5)
