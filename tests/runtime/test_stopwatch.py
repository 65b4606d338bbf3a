"""Stage times add up, over threads and failures."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Iterator

import pytest

from pcsr_edge.runtime.stopwatch import Stopwatch


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks: Iterator[int] = iter(range(1000))
    monkeypatch.setattr(Stopwatch, "clock", staticmethod(lambda: float(next(ticks))))


def test_a_stage_adds_up() -> None:
    watch = Stopwatch()
    for name in ("a", "b", "a"):
        with watch.stage(name):
            pass
    assert watch.milliseconds() == {"a": 2000, "b": 1000}


def test_batches_add_up_where_engines_are_called() -> None:
    watch = Stopwatch()
    for name, batch in (("a", 10), ("b", 0), ("a", 5)):
        with watch.stage(name, batch):
            pass
    assert watch.batches() == {"a": 15}


def test_a_stage_that_fails_counts() -> None:
    watch = Stopwatch()
    with pytest.raises(KeyError), watch.stage("a"):
        raise KeyError
    assert watch.milliseconds() == {"a": 1000}


def test_no_thread_is_lost() -> None:
    watch = Stopwatch()

    def work(index: int) -> None:
        with watch.stage("a"):
            pass

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(100)))
    assert watch.milliseconds()["a"] >= 100 * 1000
