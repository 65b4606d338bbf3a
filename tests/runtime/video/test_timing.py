"""Decoding times and durations."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pcsr_edge.runtime.video.timing import decoding_times, durations, times_before


def test_without_reordering_both_times_are_equal() -> None:
    assert decoding_times([3, 5, 9], {3: 2, 5: 4, 9: 7}) == [3, 5, 9]


def test_reordered_packets_are_decoded_before_they_are_shown() -> None:
    lengths = {0: 10, 10: 10, 20: 20, 40: 5}
    # The last two frames are shown for 25 ticks, the last packet's for 20 of them.
    assert decoding_times([0, 40, 10, 20], lengths) == [-5, 0, 10, 20]


@given(st.lists(st.integers(-1000, 1000), min_size=1, max_size=30, unique=True), st.integers(1, 99))
def test_decoding_times_rise_and_none_is_late(shown, last) -> None:
    lengths = durations([(pts, last) for pts in sorted(shown)])
    times = decoding_times(shown, lengths)
    assert all(a < b for a, b in zip(times, times[1:]))
    assert all(decoded <= pts for decoded, pts in zip(times, shown))


@given(st.lists(st.integers(-1000, 1000), min_size=1, max_size=30, unique=True), st.integers(1, 99))
def test_decoding_takes_as_long_as_the_film(shown, last) -> None:
    lengths = durations([(pts, last) for pts in sorted(shown)])
    times = decoding_times(shown, lengths)
    assert times[-1] + lengths[shown[-1]] - times[0] == sum(lengths.values())


def test_a_frame_lasts_until_the_next() -> None:
    assert durations([(0, 5), (10, 5), (30, 7)]) == {0: 10, 10: 20, 30: 7}


def test_a_last_frame_of_unknown_length_lasts_as_long_as_the_one_before() -> None:
    assert durations([(0, 0), (10, 0)]) == {0: 10, 10: 10}


def test_times_of_decoding_before_a_known_one_rise_to_it() -> None:
    assert times_before(100, 40, 3) == [-20, 20, 60]
    assert times_before(100, 40, 0) == []
