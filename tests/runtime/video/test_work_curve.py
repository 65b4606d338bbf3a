"""The curve of a frame's time over its work, from times of engines."""

from __future__ import annotations

import pytest

from pcsr_edge.runtime.ladder.cost import BatchTime, Cost, Point
from pcsr_edge.runtime.video.work_curve import STEPS, WORKS, work_curve

PHASES = 16
SIZES = (1000, 5000)


def heavy_ms(queries: float) -> float:
    """Return what an engine takes that wakes up late: 2 ms a call, and less the larger it is."""
    return 2 + queries / 1000 if queries else 0.0


def frame_ms(work: float, cells: int) -> float:
    sorting = 0 if work in (0, 1) else cells / 500
    return 1 + cells / 250 + sorting + heavy_ms(work * cells * PHASES)


def measured(work: float, engines: bool) -> Cost:
    points = [Point(cells, frame_ms(work, cells)) for cells in SIZES]
    batches = [round(work * cells * PHASES) for cells in SIZES]
    times = tuple(BatchTime(batch, heavy_ms(batch)) for batch in batches)
    return Cost(points[0], points[1], "now", {"up": times} if engines and work else {})


def curve(cells: int, engines: bool = True):
    return dict(work_curve({work: measured(work, engines) for work in WORKS}, cells))


@pytest.mark.parametrize("engines", [True, False])
def test_frames_that_were_measured_take_what_they_took(engines) -> None:
    found = curve(SIZES[1], engines)
    for work in WORKS:
        assert found[work] == pytest.approx(frame_ms(work, SIZES[1]))


def test_between_them_an_engine_takes_what_it_takes_for_its_batch() -> None:
    found = curve(SIZES[1])
    for work in STEPS[2:-1]:
        assert found[work] == pytest.approx(frame_ms(work, SIZES[1]), rel=0.001)


def test_a_small_batch_costs_its_call() -> None:
    # Half of the batch at 10 %: by lines between whole frames it would take half of all.
    batch = 0.05 * SIZES[1] * PHASES
    rest = 1 + SIZES[1] / 250 + SIZES[1] / 1000
    assert curve(SIZES[1])[0.05] == pytest.approx(rest + heavy_ms(batch), rel=0.02)


def test_it_rises_by_work_up_to_the_last() -> None:
    found = [curve(3000)[work] for work in STEPS]
    assert found[:-1] == sorted(found[:-1])
    assert found[-1] < found[-2] + 0.1 * 3000 * PHASES / 1000
