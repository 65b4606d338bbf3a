"""What nothing else beats."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pcsr_edge.calib.profiling import front


def test_fastest_first_without_the_beaten() -> None:
    assert front([30.0, 10.0, 20.0, 25.0], [31.0, 28.0, 30.0, 29.0]) == [1, 2, 0]


def test_of_equal_ones_the_first_stays() -> None:
    assert front([10.0, 10.0], [30.0, 30.0]) == [0]


def test_what_has_no_quality_is_left_out() -> None:
    assert front([10.0, 20.0], [None, 30.0]) == [1]


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), max_size=12))
def test_nothing_beats_what_is_kept_and_something_the_rest(points: list) -> None:  # type: ignore[type-arg]
    ms, psnr = [float(p[0]) for p in points], [float(p[1]) for p in points]
    kept = front(ms, psnr)
    for i in range(len(points)):
        beaten = any(
            (ms[j] <= ms[i] and psnr[j] > psnr[i]) or (ms[j] < ms[i] and psnr[j] >= psnr[i])
            for j in range(len(points))
        )
        twin = any((ms[j], psnr[j]) == (ms[i], psnr[i]) for j in range(i))
        assert (i in kept) is not (beaten or twin)
