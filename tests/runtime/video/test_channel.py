"""The queue between two threads."""

from __future__ import annotations

from threading import Thread

import pytest

from pcsr_edge.runtime.video.channel import CancelledError, Channel


def test_items_come_out_in_order_and_then_the_end() -> None:
    channel = Channel(3)
    for item in "abc":
        channel.put(item)
    channel.end()
    assert list(channel) == ["a", "b", "c"]


def test_an_error_comes_after_the_items() -> None:
    channel = Channel(3)
    channel.put("a")
    channel.end(ValueError("broken"))
    items = iter(channel)
    assert next(items) == "a"
    with pytest.raises(ValueError, match="broken"):
        next(items)


def test_a_full_channel_waits_for_the_taker() -> None:
    channel, taken = Channel(1), []
    taker = Thread(target=lambda: taken.extend(channel))
    channel.put(0)
    taker.start()
    for item in range(1, 100):
        channel.put(item)
    channel.end()
    taker.join()
    assert taken == list(range(100))


def test_places_come_back_in_bursts() -> None:
    channel = Channel(4, burst=2)
    for item in range(4):
        channel.put(item)
    items, put = iter(channel), []

    def follow() -> None:
        for item in (4, 5):
            channel.put(item)
            put.append(item)

    follower = Thread(target=follow, daemon=True)
    follower.start()
    assert (next(items), len(channel)) == (0, 3)
    # Long enough for it to follow, if it may.
    follower.join(0.2)
    assert put == []
    assert next(items) == 1
    follower.join(30)
    assert (put, len(channel)) == ([4, 5], 4)
    channel.end()
    assert list(items) == [2, 3, 4, 5]


@pytest.mark.parametrize("burst", [1, 2, 3, 5])
def test_nothing_is_lost_whatever_the_burst(burst) -> None:
    channel, taken = Channel(5, burst), []
    taker = Thread(target=lambda: taken.extend(channel))
    taker.start()
    for item in range(101):
        channel.put(item)
    channel.end()
    taker.join(30)
    assert taken == list(range(101))


def test_cancelling_frees_both_sides() -> None:
    channel = Channel(1)
    channel.put(0)
    channel.cancel()
    with pytest.raises(CancelledError):
        channel.put(1)
    with pytest.raises(CancelledError):
        next(iter(channel))


def test_the_oldest_gives_way_to_the_latest() -> None:
    channel = Channel(2)
    assert [channel.put_latest(item) for item in range(4)] == [0, 0, 1, 1]
    channel.end()
    assert list(channel) == [2, 3]
