"""Times of engines by their batch size, and what classes cost by them."""

from __future__ import annotations

import pytest

from pcsr_edge.runtime.ladder.cost import BatchTime, Cost, Point
from pcsr_edge.runtime.ladder.engine_table import EngineTable, class_prices


def cost(**engines: tuple) -> Cost:  # type: ignore[type-arg]
    """Return what frames of 100 and 400 LR pixels take; engines as (batch, ms) of each."""
    times = {name: tuple(BatchTime(*each) for each in pairs) for name, pairs in engines.items()}
    return Cost(Point(100, 5.0), Point(400, 16.0), "now", times)


def test_an_engine_is_known_at_the_batches_of_all_frames() -> None:
    table = EngineTable([cost(up=((100, 2.0), (400, 6.0))), cost(up=((50, 1.5), (200, 3.0)))])
    assert [table.milliseconds("up", batch) for batch in (50, 100, 200, 400)] == [1.5, 2, 3, 6]


@pytest.mark.parametrize(
    ("batch", "ms"), [(0, 0.0), (25, 1.0), (50, 2.0), (75, 2.5), (100, 3.0), (150, 4.5)]
)
def test_other_batches_lie_on_lines_between(batch, ms) -> None:
    table = EngineTable([cost(up=((50, 2.0), (100, 3.0)))])
    assert table.milliseconds("up", batch) == pytest.approx(ms)


def test_a_batch_that_came_several_times_takes_their_mean() -> None:
    table = EngineTable([cost(backbone=((100, 2.0),)), cost(backbone=((100, 4.0),))])
    assert table.times["backbone"] == (BatchTime(100, 3.0),)


def test_no_batch_takes_longer_than_a_larger_one() -> None:
    table = EngineTable([cost(up=((50, 9.0), (400, 6.0))), cost(up=((100, 2.0), (200, 3.0)))])
    assert table.times["up"] == ((50, 2.0), (100, 2.0), (200, 3.0), (400, 6.0))


def test_classes_cost_what_their_own_engines_take() -> None:
    shared = ((100, 1.0), (400, 4.0))
    costs = [
        cost(backbone=shared, heavy=((1600, 3.0), (6400, 8.0))),
        cost(backbone=shared, middle=((1600, 1.0), (6400, 2.0))),
        cost(backbone=shared),
    ]
    assert class_prices(costs) == (0.02, 0.005, 0.0)


def test_no_class_costs_more_than_a_heavier_one() -> None:
    costs = [cost(a=((1, 1.0), (4, 4.0))), cost(b=((1, 1.0), (4, 8.0))), cost(c=((4, 2.0),))]
    assert class_prices(costs) == (0.01, 0.01, 0.005)


def test_without_engines_there_are_no_prices() -> None:
    assert class_prices([cost(), cost(), cost()]) == (0.0, 0.0, 0.0)
