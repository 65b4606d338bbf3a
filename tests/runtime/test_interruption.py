"""Ctrl-C waits for what must not be left half done."""

from __future__ import annotations

import signal
import sys
import threading
from typing import List

import pytest

from pcsr_edge.errors import EngineError
from pcsr_edge.runtime.interruption import interrupts_held

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="has no SIGINT to send")


def test_it_takes_effect_after_the_body() -> None:
    done: List[bool] = []

    @interrupts_held()
    def body() -> None:
        signal.raise_signal(signal.SIGINT)
        done.append(True)

    with pytest.raises(KeyboardInterrupt):
        body()
    assert done == [True]


def test_it_goes_before_an_error_of_the_body() -> None:
    @interrupts_held()
    def body() -> None:
        signal.raise_signal(signal.SIGINT)
        raise EngineError("initialization failed")

    with pytest.raises(KeyboardInterrupt):
        body()


def test_without_a_signal_nothing_is_raised_and_the_handler_is_put_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    with interrupts_held():
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before


def test_other_threads_do_without() -> None:
    ran: List[bool] = []

    def work() -> None:
        with interrupts_held():
            ran.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert ran == [True]
