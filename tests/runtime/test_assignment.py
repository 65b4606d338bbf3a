"""Assignment against the definitions: argmax p / c^k, and K-means on the difficulties."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from support.fake_model import FakeModel

from pcsr_edge.runtime.assignment import (
    DifficultyHistogram,
    assign_by_cost,
    assign_by_difficulty,
    class_costs,
    class_fractions,
    difficulty,
    heavy_classes,
)


def logits_of(classes: int) -> st.SearchStrategy[Any]:
    shape = st.tuples(st.integers(1, 40), st.just(classes))
    return hnp.arrays(np.float32, shape, elements=st.floats(-8, 8, width=32))


def softmax(logits: Any) -> Any:
    e = np.exp(logits.astype(np.float64) - logits.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


@given(st.integers(1, 5).flatmap(logits_of), st.floats(-1, 3))
def test_cost_assignment_takes_the_best_score(logits: Any, k: float) -> None:
    costs = np.arange(logits.shape[1], 0, -1, dtype=float)
    costs /= costs.sum()
    scores = softmax(logits) / costs**k
    chosen = assign_by_cost(logits, costs, k)
    taken = scores[np.arange(len(logits)), chosen]
    np.testing.assert_allclose(taken, scores.max(1), rtol=1e-4)


@pytest.mark.parametrize("classes", [2, 3])
def test_ties_go_to_the_heavier_class(classes: int) -> None:
    assert (
        assign_by_cost(np.zeros((3, classes), np.float32), np.ones(classes), 0).tolist() == [0] * 3
    )


def test_larger_k_never_makes_a_pixel_heavier() -> None:
    logits = np.random.default_rng(0).normal(size=(500, 3)).astype(np.float32)
    costs = np.array([0.6, 0.3, 0.1])
    maps = [assign_by_cost(logits, costs, k) for k in (0, 0.5, 1, 2, 50)]
    assert all((b >= a).all() for a, b in zip(maps, maps[1:]))
    assert (maps[-1] == 2).all()


@pytest.mark.parametrize(("k", "chosen"), [(1e308, 1), (1e39, 1), (-1e308, 0)])
def test_an_extreme_k_gives_one_class(k: float, chosen: int) -> None:
    logits = np.random.default_rng(0).normal(size=(50, 2)).astype(np.float32)
    assert (assign_by_cost(logits, np.array([0.9, 0.1]), k) == chosen).all()


@given(st.integers(1, 5).flatmap(logits_of))
def test_difficulty_is_the_probability_of_the_heavy_classes(logits: Any) -> None:
    expected = softmax(logits)[:, : heavy_classes(logits.shape[1])].sum(1)
    np.testing.assert_allclose(difficulty(logits), expected, atol=1e-6)


@pytest.mark.parametrize(("classes", "heavy"), [(1, 1), (2, 1), (3, 2), (4, 2), (5, 3)])
def test_heavy_classes(classes: int, heavy: int) -> None:
    assert heavy_classes(classes) == heavy


def plain_kmeans(values: Any, classes: int) -> Any:
    centroids = np.linspace(values.min(), values.max(), classes)
    for _ in range(20):
        nearest = np.abs(values[:, None] - centroids).argmin(1)
        members = [values[nearest == j] for j in range(classes)]
        centroids = np.array([m.mean() if m.size else c for m, c in zip(members, centroids)])
    nearest = np.abs(values[:, None] - centroids).argmin(1)
    return classes - 1 - nearest


@pytest.mark.parametrize("classes", [1, 2, 3, 4, 6])
@pytest.mark.parametrize("seed", range(4))
def test_adm_is_kmeans_on_the_difficulties(classes: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.beta(0.4 + seed, 1.2, size=20000).astype(np.float32)
    histogram = DifficultyHistogram()
    for part in np.array_split(values, 7):
        histogram.add(part)
    assigned = assign_by_difficulty(values, histogram.thresholds(classes))
    # A bin may misplace what lies next to a border.
    assert (assigned != plain_kmeans(values, classes)).mean() < 0.001


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("spread", [0.03, 0.002])
def test_adm_is_kmeans_on_difficulties_that_lie_close(classes: int, spread: float) -> None:
    rng = np.random.default_rng(classes)
    values = (0.31 + spread * rng.beta(0.4, 1.2, size=20000)).astype(np.float32)
    histogram = DifficultyHistogram()
    histogram.add(values)
    assigned = assign_by_difficulty(values, histogram.thresholds(classes))
    assert (assigned != plain_kmeans(values.astype(float), classes)).mean() < 0.02


def test_difficulties_that_differ_by_rounding_are_constant() -> None:
    values = np.linspace(0.4, 0.4009, 100).astype(np.float32)
    histogram = DifficultyHistogram()
    histogram.add(values)
    assert (assign_by_difficulty(values, histogram.thresholds(2)) == 1).all()


@pytest.mark.parametrize("value", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("classes", [1, 2, 4])
def test_a_constant_difficulty_is_light_everywhere(value: float, classes: int) -> None:
    values = np.full(100, value, np.float32)
    histogram = DifficultyHistogram()
    histogram.add(values)
    assert (assign_by_difficulty(values, histogram.thresholds(classes)) == classes - 1).all()


def test_adding_nothing_to_a_histogram_changes_nothing() -> None:
    histogram = DifficultyHistogram()
    histogram.add(np.array([0.1, 0.9], np.float32))
    before = histogram.thresholds(2)
    histogram.add(np.empty(0, np.float32))
    np.testing.assert_array_equal(histogram.thresholds(2), before)


def test_costs_follow_the_paper(tmp_path: Any) -> None:
    manifest = FakeModel(0, 2).bundle(tmp_path).manifest
    raw = np.array([700 + 1000 * 16, 700 + 500 * 16])
    np.testing.assert_allclose(class_costs(manifest, 16), raw / raw.sum())


def test_fractions_are_the_shares_of_the_classes() -> None:
    class_map = np.random.default_rng(0).integers(0, 3, (700, 5)).astype(np.uint8)
    expected = tuple((class_map == j).mean() for j in range(4))
    assert class_fractions(class_map, 4) == pytest.approx(expected)
