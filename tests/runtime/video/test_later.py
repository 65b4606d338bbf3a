"""Values that whoever needs them first makes."""

from __future__ import annotations

import signal
import threading
import weakref
from functools import partial

import pytest

from pcsr_edge.runtime.video.later import Later, now


class Thing:
    """Can be watched for its end."""


def test_a_value_is_made_when_it_is_needed_and_only_once() -> None:
    made = []
    value = Later(lambda: made.append(1) or Thing())
    assert made == []
    assert value.get() is value.get()
    assert made == [1]


def test_who_comes_second_waits_for_the_first() -> None:
    begun, go_on, found = threading.Event(), threading.Event(), []

    def make() -> Thing:
        begun.set()
        assert go_on.wait(10)
        return Thing()

    value = Later(make)
    threads = [threading.Thread(target=lambda: found.append(value.get())) for _ in range(2)]
    threads[0].start()
    assert begun.wait(10)
    threads[1].start()
    threads[1].join(0.05)
    assert found == []
    go_on.set()
    for thread in threads:
        thread.join(10)
    assert len(found) == 2
    assert found[0] is found[1]


def test_what_fails_is_tried_again() -> None:
    outcomes = iter([MemoryError("no room"), None])

    def make() -> str:
        error = next(outcomes)
        if error is not None:
            raise error
        return "made"

    value = Later(make)
    with pytest.raises(MemoryError, match="no room"):
        value.get()
    assert value.get() == "made"


def test_ctrl_c_takes_effect_when_the_value_is_there() -> None:
    made = []

    def make() -> Thing:
        made.append(1)
        signal.raise_signal(signal.SIGINT)
        return Thing()

    value = Later(make)
    with pytest.raises(KeyboardInterrupt):
        value.get()
    assert value.get() is value.get()
    assert made == [1]


def test_what_a_value_was_made_of_does_not_stay() -> None:
    thing = Thing()
    there, value = weakref.ref(thing), Later(partial(str, thing))
    value.get()
    del thing
    assert there() is None


def test_a_value_that_is_there_needs_no_making() -> None:
    thing = Thing()
    assert now(thing).get() is thing
