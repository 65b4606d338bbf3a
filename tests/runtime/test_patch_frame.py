"""Frames through a supernet: patch by patch as the articles say, however cut."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any, Tuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.fake_supernet import COSTS, PATCH, RADIUS, STEP, FakeSupernet

from pcsr_edge.runtime.geometry import Span
from pcsr_edge.runtime.interpolation import REACH, bicubic_phases
from pcsr_edge.runtime.manifest import BLENDS
from pcsr_edge.runtime.patch_area import PATCHES_PER_CALL
from pcsr_edge.runtime.patch_grid import patch_grid
from pcsr_edge.runtime.upscaler import Upscaler

quick = settings(max_examples=25)
INTERPOLATION = len(COSTS) - 1


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bundles")


def upscaler(
    folder: Path, scale: int = 2, threads: int = 2, method: str = "arm", blend: str = "ramp"
) -> Tuple[FakeSupernet, Upscaler]:
    model = FakeSupernet(scale, method, blend)
    bundle = model.bundle(folder / f"{method}-{scale}-{blend}")
    return model, Upscaler(bundle, model.backend(), threads=threads)


def picture(height: int, width: int) -> Any:
    """Draw a picture with flat and with noisy parts."""
    rng = np.random.default_rng(height * 99 + width)
    noisy = rng.random((-(-height // 7), -(-width // 7), 1)).repeat(7, axis=0).repeat(7, axis=1)
    noise = rng.random((height, width, 3)) - 0.5
    return (0.5 + 0.6 * noisy[:height, :width] ** 2 * noise).astype(np.float32)


def shuffled(phases: Any, scale: int) -> Any:
    """Turn (3·scale², h, w) into (h*scale, w*scale, 3)."""
    height, width = phases.shape[1:]
    split = phases.reshape(3, scale, scale, height, width).transpose(3, 1, 4, 2, 0)
    return split.reshape(height * scale, width * scale, 3)


def interpolated(model: FakeSupernet, image: Any) -> Any:
    """Interpolate a whole picture."""
    padded = np.pad(image, ((REACH, REACH), (REACH, REACH), (0, 0)), mode="edge")
    phases = bicubic_phases(padded.transpose(2, 0, 1)[None], model.scale)[0]
    return shuffled(phases, model.scale)


def weight(blend: str, seen: Span, cells: int) -> Any:
    """Return how much a patch counts along an axis before weights are made to sum up to 1."""
    if blend == "mean":
        return np.ones(len(seen))
    place = np.arange(len(seen)) + 0.5
    near = place if seen.start > 0 else np.inf
    far = len(seen) - place if seen.stop < cells else np.inf
    return np.minimum(np.minimum(near, far) / (PATCH - STEP), np.ones(len(seen))) ** 2


def expected(model: FakeSupernet, image: Any, class_map: Any) -> Any:
    """Upscale patch by patch, and average where patches overlap."""
    scale, size = model.scale, image.shape[:2]
    total = np.zeros((size[0] * scale, size[1] * scale, 3))
    counts = np.zeros_like(total)
    whole = interpolated(model, image)
    grid = patch_grid(size, PATCH, STEP)
    for row in grid.rows:
        for col in grid.cols:
            seen = np.s_[row.seen.start : row.seen.stop, col.seen.start : col.seen.stop]
            target = tuple(slice(s.start * scale, s.stop * scale) for s in seen)
            number = int(class_map[row.core.start * scale, col.core.start * scale])
            made = whole[target]
            if number != INTERPOLATION:
                made = shuffled(model.phases(number, image[seen]), scale)
            down, across = (
                weight(model.blend, line.seen, n).repeat(scale) for line, n in zip((row, col), size)
            )
            total[target] += made * np.outer(down, across)[..., None]
            counts[target] += np.outer(down, across)[..., None]
    return np.clip(total / counts, 0, 1)


@quick
@given(
    st.integers(2, 4),
    st.integers(1, 25),
    st.integers(1, 25),
    st.integers(1, 4),
    st.sampled_from(BLENDS),
)
def test_a_frame_is_its_patches_averaged(
    folder: Path, scale: int, height: int, width: int, threads: int, blend: str
) -> None:
    model, up = upscaler(folder, scale, threads, blend=blend)
    image = picture(height, width)
    with up:
        result = up.run(image, eta=1.5)
    np.testing.assert_allclose(result.image, expected(model, image, result.class_map), atol=1e-6)


@pytest.mark.parametrize("method", ["arm", "wbsr"])
def test_patches_of_one_picture_take_several_subnets(folder: Path, method: str) -> None:
    _, up = upscaler(folder, method=method)
    with up:
        fractions = up.run(picture(40, 40), eta=4.0).fractions
    assert sum(share > 0 for share in fractions) >= 2


@quick
@given(st.integers(1, 30), st.integers(1, 30), st.integers(1, 13), st.booleans())
def test_tiles_and_threads_change_nothing(
    folder: Path, height: int, width: int, tile: int, halo: bool
) -> None:
    image = picture(height, width)
    (_, whole), (_, cut) = upscaler(folder, threads=1), upscaler(folder, threads=3)
    with whole, cut:
        one = whole.run(image, tile="off", eta=2.0, halo=halo)
        other = cut.run(image, tile=tile, eta=2.0, halo=halo)
    np.testing.assert_array_equal(one.class_map, other.class_map)
    np.testing.assert_array_equal(one.image, other.image)


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("size", [(1, 1), (5, 3), (23, 31)])
def test_with_a_halo_one_class_is_the_network_on_the_picture(
    folder: Path, number: int, size: Any
) -> None:
    model, up = upscaler(folder)
    image = picture(*size)
    with up:
        made = up.run(image, force_class=number, halo=True).image
        seams = up.run(image, force_class=number).image
    whole = np.clip(shuffled(model.phases(number, image), model.scale), 0, 1)
    np.testing.assert_allclose(made, whole, atol=1e-6)
    assert (np.abs(seams - whole).max() > 1e-3) == (size == (23, 31))


def test_interpolation_alone_is_bicubic_and_runs_no_subnet(folder: Path) -> None:
    model, up = upscaler(folder)
    image = picture(20, 17)
    with up:
        result = up.run(image, eta=0)
    assert model.batches == []
    assert result.fractions == (0.0, 0.0, 1.0)
    whole = np.clip(interpolated(model, image), 0, 1)
    np.testing.assert_allclose(result.image, whole, atol=1e-6)


def test_patches_of_a_subnet_run_as_dense_batches(folder: Path) -> None:
    model, up = upscaler(folder, threads=1)
    with up:
        up.run(picture(22, 22), force_class=1)
    assert [shape[0] for _, shape in model.batches] == [PATCHES_PER_CALL] * 6 + [1]
    assert {shape[1:] for _, shape in model.batches} == {(3, PATCH, PATCH)}


def test_a_halo_is_as_wide_as_the_receptive_radius(folder: Path) -> None:
    model, up = upscaler(folder, threads=1)
    with up:
        up.run(picture(40, 40), force_class=0, halo=True)
    assert max(shape[2] for _, shape in model.batches) == STEP + 2 * RADIUS


def test_a_wide_halo_is_not_kept_in_memory(folder: Path) -> None:
    model = FakeSupernet()
    bundle = model.bundle(folder / "wide")
    bundle = replace(bundle, manifest=replace(bundle.manifest, receptive_field=12))
    with Upscaler(bundle, model.backend(), threads=1) as up:
        tracemalloc.start()
        up.run(picture(60, 60), force_class=0, halo=True)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    # 225 windows of 28x28 in 12 phases are 8.5 MB, and their cores 0.2 MB.
    assert peak < 4e6


@pytest.mark.parametrize("work", [0.0, 0.3, 0.7])
def test_a_share_of_work_bounds_the_patches(folder: Path, work: float) -> None:
    _, up = upscaler(folder)
    with up:
        shares = [up.run(picture(60, 60), work=w).fractions for w in (work, 1.0)]
    spent = [first + 0.25 * second for first, second, _ in shares]
    # The share is of patches, and those at the edges have larger cores.
    assert spent[0] <= work + 0.05
    assert spent[1] > 0.4


def test_stages_and_progress_are_reported(folder: Path) -> None:
    _, up = upscaler(folder)
    seen = []
    with up:
        result = up.run(
            picture(30, 30),
            eta=3.0,
            tile=12,
            progress=lambda done, total: seen.append((done, total)),
        )
    assert {"assignment", "gather", "interpolation", "scatter", "postprocess"} <= set(result.times)
    assert result.tiles == len(seen) > 1
    assert seen[-1] == (result.tiles, result.tiles)
