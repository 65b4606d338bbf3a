"""Choosing among published measurements: filters, order, the Pareto line, mistakes."""

from __future__ import annotations

from typing import Any, Dict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcsr_edge.errors import UsageError
from pcsr_edge.runtime.published import DEVICES, ORDERS, Measurement, Selection, pareto, select

POINTS = st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), min_size=1, max_size=12)


def row(name: str, fps: float, psnr: float) -> Measurement:
    """Return a row of which only speed and PSNR matter."""
    return Measurement("agx", name, "f", 2, 1, {"Set5": psnr}, {}, fps, None)


@given(POINTS)
def test_the_line_is_what_nothing_beats(points: Any) -> None:
    rows = [row(str(i), *point) for i, point in enumerate(points)]
    best = {points[int(name)] for name in pareto(rows, "Set5")}
    expected = {
        p for p in points if not any(q != p and q[0] >= p[0] and q[1] >= p[1] for q in points)
    }
    assert best == expected
    assert len(pareto(rows, "Set5")) == len(expected)


def test_groups_are_by_device_and_scale() -> None:
    groups = select(Selection())
    assert [(g.device, g.scale) for g in groups] == [(d, s) for d in DEVICES for s in (2, 3, 4)]
    assert {len(group.rows) for group in groups} == {395}


def test_filters_join() -> None:
    wanted = Selection(("rpi400",), (2,), ("esr-tm", "eSR-MAX"), min_fps=5)
    (group,) = select(wanted)
    assert {row.family for row in group.rows} == {"eSR-TM", "eSR-MAX"}
    assert min(row.fps for row in group.rows) >= 5
    assert (group.device, group.scale) == ("rpi400", 2)


def test_what_leaves_nothing_gives_no_group() -> None:
    assert select(Selection(min_fps=1e6)) == []


def test_the_pareto_set_is_what_is_marked_otherwise() -> None:
    (whole,) = select(Selection(("agx",), (4,)))
    (best,) = select(Selection(("agx",), (4,), pareto=True))
    assert {row.model for row in best.rows} == whole.best == best.best
    assert 5 < len(best.rows) < 50


def test_the_line_depends_on_the_data_set() -> None:
    lines = [select(Selection(("agx",), (2,), data=d))[0].best for d in ("Set5", "Urban100")]
    assert lines[0] != lines[1]


@pytest.mark.parametrize("order", ORDERS)
def test_best_comes_first(order: str) -> None:
    (group,) = select(Selection(("agx",), (3,), order=order))
    values = {
        "psnr": [-row.psnr["Set5"] for row in group.rows],
        "fps": [-row.fps for row in group.rows],
        "power": [row.power_mw for row in group.rows],
        "parameters": [row.parameters for row in group.rows],
        "model": [row.model for row in group.rows],
    }[order]
    assert values == sorted(values)


def test_a_group_can_be_cut_off() -> None:
    (group,) = select(Selection(("agx",), (3,)))
    assert group.first(2).rows == group.rows[:2]
    assert group.first(2).best == group.best


MISTAKES: Dict[str, Any] = {
    "device": (Selection(devices=("agxx",)), "no device 'agxx'.*did you mean agx"),
    "far-device": (Selection(devices=("zzz",)), "known are agx, rpi400, gtx1080"),
    "family": (Selection(families=("eSR-T",)), "did you mean eSR-T[MR]"),
    "scale": (Selection(scales=(5,)), "scale 5 is not.*they have 2, 3, 4"),
    "data": (Selection(data="set5"), "did you mean Set5"),
    "order": (Selection(order="speed"), "no order 'speed'"),
    "power": (Selection(order="power"), "for agx alone"),
}


@pytest.mark.parametrize(("wanted", "message"), MISTAKES.values(), ids=MISTAKES.keys())
def test_mistakes_are_explained(wanted: Selection, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        select(wanted)
