"""A cost is a line through two measured times."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcsr_edge.runtime.ladder.cost import Cost, Point

ms = st.floats(0.01, 1e5)


def cost(small_ms: float, large_ms: float) -> Cost:
    return Cost(Point(1000, small_ms), Point(10000, large_ms), "")


def test_the_line_passes_through_both_points() -> None:
    line = cost(4.0, 31.0)
    assert line.milliseconds(1000) == pytest.approx(4.0)
    assert line.milliseconds(10000) == pytest.approx(31.0)
    assert (line.constant_ms, line.ms_per_megapixel) == pytest.approx((1.0, 3000.0))


def test_one_point_is_rough_and_proportional() -> None:
    point = Point(1000, 4.0)
    rough = Cost(point, point, "")
    assert rough.is_rough
    assert rough.milliseconds(3000) == pytest.approx(12.0)


@given(ms, ms)
def test_larger_pictures_always_take_longer(small_ms: float, large_ms: float) -> None:
    line = cost(small_ms, large_ms)
    assert line.constant_ms >= 0
    assert line.milliseconds(40000) > 2 * line.milliseconds(10000)


@given(ms, ms)
def test_a_disturbed_small_picture_makes_no_large_one_free(small: float, large: float) -> None:
    assert cost(small, large).milliseconds(10000) == pytest.approx(large)
    assert cost(small, large).constant_ms <= small / 2 + 1e-12
