"""Classes under a budget of work."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.fake_model import FakeModel

from pcsr_edge.errors import UsageError
from pcsr_edge.runtime import tile_job
from pcsr_edge.runtime.assignment import BINS, DifficultyHistogram, assign_by_difficulty
from pcsr_edge.runtime.upscaler import Upscaler
from pcsr_edge.runtime.work_share import busiest, class_works, thresholds_for_work


def classes_for(values, flops, share):
    histogram = DifficultyHistogram()
    histogram.add(values)
    thresholds = thresholds_for_work(histogram.counts, class_works(flops), share)
    return assign_by_difficulty(values, list(thresholds))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.93])
def test_the_hardest_pixels_are_heavy_and_as_many_as_fit(share) -> None:
    values = np.random.default_rng(3).random(20_000).astype(np.float32)
    heavy = classes_for(values, [40, 10], share) == 0
    assert heavy.mean() == pytest.approx(share, abs=0.001)
    assert values[heavy].min() > values[~heavy].max()


@given(
    st.lists(st.integers(0, BINS), min_size=1, max_size=50),
    st.sampled_from([(9, 1), (9, 5, 1), (16, 9, 4, 1)]),
    st.floats(0, 1),
)
def test_the_budget_is_never_passed(bins, flops, share) -> None:
    values = (np.array(bins) / BINS).astype(np.float32)
    found = classes_for(values, flops, share)
    assert class_works(flops)[found].mean() <= share + 1e-9


def test_three_classes_follow_the_difficulty_and_use_the_budget() -> None:
    values = np.random.default_rng(4).random(20_000).astype(np.float32)
    found = classes_for(values, [9, 5, 1], 0.4)
    order = found[np.argsort(-values)]
    assert np.all(np.diff(order.astype(int)) >= 0)
    assert class_works([9, 5, 1])[found].mean() == pytest.approx(0.4, abs=0.002)
    assert set(found) == {0, 1, 2}


def test_equal_difficulties_stay_together() -> None:
    assert set(classes_for(np.full(100, 0.7, np.float32), [4, 1], 0.5)) == {1}


def test_what_is_certainly_hard_stays_light_where_not_all_of_it_fits() -> None:
    assert set(classes_for(np.ones(100, np.float32), [4, 1], 0.5)) == {1}


@pytest.fixture(scope="module")
def tiny(tiny_bundle):
    with Upscaler.load(tiny_bundle, threads=1) as upscaler:
        yield upscaler


@pytest.fixture(scope="module")
def tiny_bundle():
    from pathlib import Path

    return Path(__file__).parents[1] / "data" / "tiny-pcsr-x4"


@pytest.fixture
def picture():
    return np.random.default_rng(5).integers(0, 256, (24, 20, 3), dtype=np.uint8)


@pytest.mark.parametrize("share", [0.25, 0.6])
def test_a_frame_keeps_its_work(tiny, picture, share) -> None:
    result = tiny.run(picture, work=share)
    assert share - 0.05 < result.fractions[0] <= share


@pytest.mark.parametrize("tile", ["off", 9])
@pytest.mark.parametrize("share", [0.01, 0.05])
def test_little_work_goes_to_the_busiest_bands_and_all_of_it(
    tiny, picture, monkeypatch, share, tile
) -> None:
    monkeypatch.setattr(tile_job, "QUERIES_PER_BAND", 320)
    quiet = picture.copy()
    quiet[:16] = 90
    result = tiny.run(quiet, work=share, refine=False, tile=tile)
    assert 0.9 * share < result.fractions[0] <= share
    assert (result.class_map[: 4 * 15] == 1).all()


def test_the_busiest_parts_hold_the_share() -> None:
    flat, busy = np.zeros((2, 5, 3)), np.arange(30.0).reshape(2, 5, 3)
    blocks = [flat, busy, busy * 2, np.zeros((6, 5, 3))]
    assert busiest(blocks, 1 / 6) == {2}
    assert busiest(blocks, 0.2) == {1, 2}
    assert busiest(blocks, 0.34) == {0, 1, 2}
    assert busiest(blocks, 1.0) == {0, 1, 2, 3}


@pytest.mark.parametrize(("work", "force_class"), [(0.0, 1), (1.0, 0)])
def test_the_ends_are_forced_classes(tiny, picture, work, force_class) -> None:
    result = tiny.run(picture, work=work, refine=False)
    forced = tiny.run(picture, force_class=force_class)
    np.testing.assert_array_equal(result.image, forced.image)


@pytest.mark.parametrize("options", [{"work": 1.5}, {"work": 0.5, "k": 1.0}, {"prices": (2, 1)}])
def test_what_makes_no_sense_is_refused(tiny, picture, options) -> None:
    with pytest.raises(UsageError, match="work"):
        tiny.run(picture, **options)


@pytest.mark.parametrize(
    "prices", [(3.0, 2.0, 1.0), (1.0, 2.0), (1.0, 1.0), (1.0, -1.0), (math.inf, 1.0), (math.nan, 1)]
)
def test_prices_that_are_none_are_refused(tiny, picture, prices) -> None:
    with pytest.raises(UsageError, match="expected one of each, the heaviest first"):
        tiny.run(picture, work=0.5, prices=prices)


def test_of_two_classes_prices_change_nothing(tiny, picture) -> None:
    results = [tiny.run(picture, work=0.4, prices=prices) for prices in (None, (9.0, 0.5))]
    np.testing.assert_array_equal(results[0].class_map, results[1].class_map)


def test_of_three_classes_the_dearer_one_gets_less(tmp_path, picture) -> None:
    model = FakeModel(0, classes=3)
    with Upscaler(model.bundle(tmp_path), model.backend(), threads=1) as upscaler:
        cheap, dear = (
            upscaler.run(picture, work=0.4, prices=(10.0, middle, 0.0), refine=False)
            for middle in (2.0, 9.0)
        )
    works = np.array([1, 0.2, 0]), np.array([1, 0.9, 0])
    assert cheap.fractions[1] > dear.fractions[1] > 0
    for result, work in zip((cheap, dear), works):
        assert 0.37 < work @ result.fractions <= 0.4


@pytest.mark.parametrize("number", [0, 1])
def test_the_batches_of_engines_are_told(tiny, picture, number) -> None:
    cells = picture.shape[0] * picture.shape[1]
    result = tiny.run(picture, force_class=number)
    assert result.batches == {"backbone": cells, f"upsampler_{number}": 16 * cells}
    mixed = tiny.run(picture, work=0.25, refine=False).batches
    assert mixed["upsampler_0"] == round(16 * cells * 0.25) <= mixed["classifier"] == 16 * cells
