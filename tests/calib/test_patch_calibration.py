"""Tables for patches: from pictures to what a bundle chooses by."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, List, Tuple

import numpy as np
import pytest
from PIL import Image

from pcsr_edge.calib.patch_costs import ROUNDS, flops_costs, timed_costs
from pcsr_edge.calib.patch_samples import MOST_DB, PatchSamples, load_subnets, sample_patches
from pcsr_edge.calib.patch_tables import (
    ARTICLE,
    CATEGORIES,
    LEAST_PATCHES,
    category_curve,
    edge_psnr_table,
    gradient_map,
    reached,
)
from pcsr_edge.calib.table_file import store_table
from pcsr_edge.errors import DataError, InputError, OutputError
from pcsr_edge.runtime.bundle import Bundle, load_bundle
from pcsr_edge.runtime.engine import FakeEngine
from pcsr_edge.runtime.patch_table import load_table
from pcsr_edge.runtime.resample import bicubic

DATA = Path(__file__).parents[1] / "data"
COSTS = ((1.0, 0.5, 0.0), "flops")
ETAS = (0, *np.geomspace(0.01, 1e6, 60))


@pytest.fixture(name="bundle")
def _bundle(tmp_path: Path) -> Bundle:
    shutil.copytree(DATA / "tiny-arm-x4", tmp_path / "arm")
    return load_bundle(tmp_path / "arm")


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    """Return a folder with one picture of 2x2 patches, half of it flat."""
    rng = np.random.default_rng(0)
    small = rng.integers(0, 256, (14, 14, 3)).astype(np.float64)
    small[:, :8] = 90
    picture = np.clip(bicubic(small, (56, 56), (4, 4)), 0, 255).astype(np.uint8)
    (tmp_path / "pictures").mkdir()
    Image.fromarray(picture).save(tmp_path / "pictures" / "a.png")
    return tmp_path / "pictures"


def samples_of(bundle: Bundle, folder: Path) -> PatchSamples:
    with ExitStack() as stack:
        return sample_patches(bundle, load_subnets(bundle, stack, "cpu"), folder, lambda: None)


def samples_from(scores: Any, psnr: Any, picture: Any = None) -> PatchSamples:
    """Make samples of patches, of one picture unless it is said, whose errors are those of PSNR."""
    picture = np.zeros(len(scores), dtype=np.int64) if picture is None else picture
    return PatchSamples(scores, psnr, 255**2 / 10 ** (psnr / 10), picture, ())


def drawn(features: int = 1, count: int = 400) -> PatchSamples:
    """Draw patches that gain more by wide subnets the harder they are."""
    rng = np.random.default_rng(1)
    hard = rng.uniform(0, 100, count)
    gains = np.stack([0.02 * hard, 0.01 * hard, 0 * hard], axis=1)
    scores = np.stack([hard, 0.5 * hard][:features], axis=1)
    return samples_from(scores, 35 - 0.1 * hard[:, None] + gains)


def test_each_patch_is_measured_in_every_class(bundle: Bundle, folder: Path) -> None:
    samples = samples_of(bundle, folder)
    assert samples.scores.shape == (4, 1)
    assert samples.psnr.shape == (4, 3)
    # The patches of the left column are flat; interpolation makes no error in them.
    flat = samples.psnr[[0, 2]]
    assert (flat[:, 2] > flat[:, 0] + 5).all()
    assert samples.psnr.max() <= MOST_DB
    assert samples.errors.shape == (4, 3)
    assert (samples.errors[[0, 2], 2] < samples.errors[[0, 2], 0]).all()
    assert samples.picture.tolist() == [0, 0, 0, 0]
    assert samples.scores[1, 0] > samples.scores[0, 0]


def test_pictures_that_cannot_be_used_are_left_out_and_told(bundle: Bundle, folder: Path) -> None:
    (folder / "b.png").write_bytes(b"no picture")
    Image.new("RGB", (31, 90)).save(folder / "c.png")
    samples = samples_of(bundle, folder)
    assert samples.pictures == 1
    assert [name in text for name, text in zip("bc", samples.left_out)] == [True, True]


def test_a_folder_without_usable_pictures_is_refused(bundle: Bundle, tmp_path: Path) -> None:
    Image.new("RGB", (31, 90)).save(tmp_path / "small.png")
    with pytest.raises(DataError, match="at least 32 pixels along both sides"):
        samples_of(bundle, tmp_path)
    (tmp_path / "small.png").unlink()
    with pytest.raises(InputError):
        samples_of(bundle, tmp_path)


@pytest.mark.parametrize("size", [(96, 80), (32, 32)])
def test_patches_that_are_all_alike_are_refused(
    bundle: Bundle, tmp_path: Path, size: Tuple[int, int]
) -> None:
    for name, colour in (("a.png", (90, 90, 90)), ("b.png", (200, 40, 0))):
        Image.new("RGB", size, colour).save(tmp_path / name)
    with pytest.raises(DataError, match="have one difficulty"):
        samples_of(bundle, tmp_path)


def test_the_table_holds_the_mean_of_each_bin(bundle: Bundle) -> None:
    samples = drawn()
    table = edge_psnr_table(bundle.manifest, samples, COSTS, {"images": "a"}, bins=4)
    assert sum(table.counts) == 400
    members = table.categories(samples.scores)
    for index, row in enumerate(table.psnr):
        np.testing.assert_allclose(row, samples.psnr[members == index].mean(axis=0), atol=1e-4)
    for index, row in enumerate(table.errors):
        np.testing.assert_allclose(row, samples.errors[members == index].mean(axis=0), atol=1e-4)
    assert (table.low, table.high) == (samples.scores.min(), samples.scores.max())


def test_an_empty_bin_has_the_psnr_of_the_nearest_ones(bundle: Bundle) -> None:
    samples = samples_from(np.array([[0.0], [10.0]]), np.array([[9.0] * 3, [5.0] * 3]))
    table = edge_psnr_table(bundle.manifest, samples, COSTS, {}, bins=5)
    assert table.counts == (1, 0, 0, 0, 1)
    assert [row[0] for row in table.psnr] == [9.0, 9.0, 7.0, 5.0, 5.0]


def test_errors_of_rare_patches_are_averaged_with_their_neighbours(bundle: Bundle) -> None:
    scores = np.array([0.0] * LEAST_PATCHES + [1.0, 2.0] + [3.0] * LEAST_PATCHES)[:, None]
    psnr = np.repeat(20 + scores, 3, axis=1)
    samples = samples_from(scores, psnr)
    found = edge_psnr_table(bundle.manifest, samples, COSTS, {}, bins=4).errors
    ends = samples.errors[0], samples.errors[-1]
    np.testing.assert_allclose([found[0], found[3]], ends, rtol=1e-6)
    np.testing.assert_allclose(found[1], samples.errors[:12].mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(found[2], samples.errors[10:].mean(axis=0), rtol=1e-6)


def test_half_of_two_patches_is_one_difficulty(bundle: Bundle) -> None:
    samples = samples_from(np.zeros((1, 1)), np.full((1, 3), 40.0))
    table = edge_psnr_table(bundle.manifest, samples, COSTS, {})
    assert set(table.psnr) == {(40.0, 40.0, 40.0)}
    assert table.categories(np.array([[3.0]])).tolist() == [0]


def test_the_map_looks_along_the_direction_of_most_difference(bundle: Bundle) -> None:
    table = gradient_map(replace(bundle.manifest, method="wbsr"), drawn(2), COSTS, {}, 10)
    np.testing.assert_allclose(table.direction, np.array([2, 1]) / np.sqrt(5), atol=1e-6)
    assert len(table.psnr) == 10


def test_the_curve_is_over_the_number_of_categories(bundle: Bundle) -> None:
    manifest = replace(bundle.manifest, method="wbsr")
    points = category_curve(manifest, drawn(2), COSTS, eta=2.0, rule=ARTICLE)
    assert tuple(point.categories for point in points) == CATEGORIES
    # Within half a dB of the widest: interpolation to 25, the narrow subnet to 50.
    assert points[-1].cost == pytest.approx(0.25 * 0.5 + 0.5, abs=0.05)
    assert {point.eta for point in points} == {2.0}


def test_the_curve_says_what_the_other_half_reaches(bundle: Bundle) -> None:
    manifest, samples = replace(bundle.manifest, method="wbsr"), drawn(2)
    point = category_curve(manifest, samples, COSTS, eta=0.5)[1]
    first, second = (
        replace(
            samples,
            scores=samples.scores[half::2],
            psnr=samples.psnr[half::2],
            errors=samples.errors[half::2],
            picture=samples.picture[half::2],
        )
        for half in (0, 1)
    )
    cost, psnr = reached(gradient_map(manifest, first, COSTS, {}, 10), second, 0.5)
    assert (point.cost, point.psnr) == pytest.approx((cost, psnr), abs=1e-3)


def test_one_patch_has_no_curve(bundle: Bundle) -> None:
    manifest = replace(bundle.manifest, method="wbsr")
    assert category_curve(manifest, drawn(2, count=1), COSTS, eta=2.0) == ()
    assert len(category_curve(manifest, drawn(2, count=2), COSTS, eta=2.0)) == len(CATEGORIES)


def pictures(count: int, bins: int) -> PatchSamples:
    """Draw pictures of mixed patches, of which the easy ones gain most dB."""
    rng = np.random.default_rng(3)
    picture = np.arange(count).repeat(20)
    hard = np.clip(rng.normal(picture * bins / count, 3), 0, bins - 1).round() + 0.5
    hard[:2] = 0, bins
    gain = 1.1 - hard[:, None] / bins
    psnr = 45 - 20 / bins * hard[:, None] + np.array([1, 0.6, 0]) * gain
    return samples_from(hard[:, None], psnr, picture)


@pytest.mark.parametrize("costs", [(1.0, 0.4, 0.0), (1.0, 0.9, 0.3)])
def test_pictures_are_on_or_above_the_line_between_the_fixed_subnets(
    bundle: Bundle, costs: Any
) -> None:
    samples = pictures(12, 10)
    table = edge_psnr_table(bundle.manifest, samples, (costs, "flops"), {}, bins=10)
    found = np.array([reached(table, samples, eta) for eta in ETAS])
    fixed = np.array([fixed_point(samples, costs, number) for number in (2, 1, 0)])
    assert (found[:, 1] >= np.interp(found[:, 0], *fixed.T) - 1e-6).all()
    assert (np.diff(found, axis=0) >= -1e-9).all()
    np.testing.assert_allclose(found[[0, -1]], fixed[[0, -1]], atol=1e-6)
    # The articles' rule gains patches, not pictures.
    article = edge_psnr_table(bundle.manifest, samples, (costs, "flops"), {}, 10, ARTICLE)
    other = np.array([reached(article, samples, eta) for eta in ETAS])
    assert (other[:, 1] < np.interp(other[:, 0], *fixed.T) - 0.01).any()


def fixed_point(samples: PatchSamples, costs: Any, number: int) -> Tuple[float, float]:
    """Return cost and mean PSNR of pictures that go through one class."""
    errors = [
        samples.errors[samples.picture == index, number].mean() for index in range(samples.pictures)
    ]
    return costs[number], float(np.mean(10 * np.log10(255**2 / np.array(errors))))


def test_by_the_articles_rule_a_table_holds_no_errors(bundle: Bundle) -> None:
    assert edge_psnr_table(bundle.manifest, drawn(), COSTS, {}, rule=ARTICLE).errors == ()


def test_costs_by_flops_are_shares_of_the_widest(bundle: Bundle) -> None:
    costs = flops_costs(bundle.manifest)
    assert costs[0] == 1
    assert 0 == costs[2] < costs[1] < 1


def test_costs_by_time_are_medians_in_turn(bundle: Bundle) -> None:
    seconds = {0: 0.4, 1: 0.1}
    now = [0.0]

    def engine(index: int) -> FakeEngine:
        def run(_: Any) -> Any:
            now[0] += seconds[index]
            return {}

        return FakeEngine(run)

    ticks: List[float] = []

    def clock() -> float:
        ticks.append(now[0])
        return now[0]

    costs, milliseconds = timed_costs(bundle.manifest, [engine(0), engine(1)], clock)
    assert costs == pytest.approx((1.0, 0.25, 0.0))
    assert milliseconds == pytest.approx(100.0)
    assert len(ticks) == 2 * 3 * (ROUNDS + 1)


def test_a_table_is_stored_in_the_bundle_or_in_a_copy(bundle: Bundle, tmp_path: Path) -> None:
    table = edge_psnr_table(bundle.manifest, drawn(), COSTS, {})
    before = sorted(path.name for path in bundle.folder.iterdir())
    store_table(bundle, table, tmp_path / "copy")
    assert sorted(path.name for path in bundle.folder.iterdir()) == before
    assert load_table(load_bundle(tmp_path / "copy")) == table
    store_table(bundle, table)
    assert load_table(bundle) == table


def test_a_table_that_could_not_be_read_back_replaces_none(bundle: Bundle) -> None:
    table = edge_psnr_table(bundle.manifest, drawn(), COSTS, {})
    store_table(bundle, table)
    for wrong in ({"high": float("nan")}, {"high": 1e300}, {"counts": (1,)}):
        with pytest.raises(DataError, match="no valid table"):
            store_table(bundle, replace(table, **wrong))
    assert load_table(bundle) == table


def test_a_folder_of_something_else_is_left_alone(bundle: Bundle, tmp_path: Path) -> None:
    table = edge_psnr_table(bundle.manifest, drawn(), COSTS, {})
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "diary.txt").write_text("dear")
    with pytest.raises(OutputError, match="no copy of"):
        store_table(bundle, table, tmp_path / "other")
    assert [path.name for path in (tmp_path / "other").iterdir()] == ["diary.txt"]
