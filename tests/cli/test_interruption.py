"""What computes is stopped when Ctrl-C is pressed, not when Python comes to know of it."""

from __future__ import annotations

import signal
import sys
import threading

import pytest

from pcsr_edge.cli.interruption import on_interrupt, terminated_as_interrupted
from pcsr_edge.runtime.interruption import interrupts_held

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="has no SIGINT to send")


@pytest.fixture
def stops():
    """Return the list of threads that `stop` was called in, and `stop`."""
    threads = []
    return threads, lambda: threads.append(threading.current_thread())


def test_another_thread_stops_it(stops):
    threads, stop = stops
    with pytest.raises(KeyboardInterrupt), on_interrupt(stop):
        signal.raise_signal(signal.SIGINT)
    assert len(threads) == 1
    assert threads[0] is not threading.main_thread()


def test_it_is_stopped_although_python_does_not_handle_the_signal(stops):
    threads, stop = stops
    stopped = threading.Event()
    before = signal.signal(signal.SIGINT, lambda *_: stopped.wait(20))
    try:
        # The handler stands for a call that does not come back before `stop` was called.
        with on_interrupt(lambda: (stop(), stopped.set())):
            signal.raise_signal(signal.SIGINT)
            assert stopped.is_set()
    finally:
        signal.signal(signal.SIGINT, before)
    assert len(threads) == 1


def test_nothing_is_stopped_without_a_signal(stops):
    threads, stop = stops
    with on_interrupt(stop):
        pass
    assert threads == []


def test_the_descriptor_is_put_back(stops):
    with on_interrupt(stops[1]):
        pass
    assert signal.set_wakeup_fd(-1) == -1


def test_other_threads_do_without(stops):
    ran = []

    def work():
        with on_interrupt(stops[1]):
            ran.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert ran == [True]


def test_a_request_to_end_is_taken_for_ctrl_c(stops):
    with pytest.raises(KeyboardInterrupt), terminated_as_interrupted(), on_interrupt(stops[1]):
        signal.raise_signal(signal.SIGTERM)
    assert len(stops[0]) >= 1
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_who_ignores_requests_to_end_still_does():
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        with terminated_as_interrupted():
            signal.raise_signal(signal.SIGTERM)
            assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGTERM, before)


def test_a_request_to_end_counts_where_ctrl_c_is_ignored(stops):
    # As in the background of a script.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with pytest.raises(KeyboardInterrupt), terminated_as_interrupted(), on_interrupt(stops[1]):
            signal.raise_signal(signal.SIGTERM)
    finally:
        signal.signal(signal.SIGINT, before)
    assert len(stops[0]) == 1


def test_a_request_to_end_waits_where_ctrl_c_is_held():
    reached = []

    def end():
        with terminated_as_interrupted(), interrupts_held():
            signal.raise_signal(signal.SIGTERM)
            reached.append(True)

    with pytest.raises(KeyboardInterrupt):
        end()
    assert reached == [True]
