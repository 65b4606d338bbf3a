"""Threads that share work with the one that calls."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from typing import List, Set

import pytest

from pcsr_edge.runtime.crew import Crew

CREWS = pytest.mark.parametrize("threads", [1, 2, 5])


@CREWS
def test_results_are_in_order(threads: int) -> None:
    with Crew(threads) as crew:
        assert list(crew.map(lambda a, b: a * b, range(50), range(1, 60))) == [
            n * (n + 1) for n in range(50)
        ]


@CREWS
def test_all_is_done_before_anybody_looks_at_results(threads: int) -> None:
    done: List[int] = []
    with Crew(threads) as crew:
        crew.map(done.append, range(20))
        assert sorted(done) == list(range(20))


@CREWS
def test_nothing_to_do_is_done(threads: int) -> None:
    with Crew(threads) as crew:
        assert list(crew.map(str, [])) == []


def test_the_caller_works_alone_where_there_is_one_thread() -> None:
    with Crew(1) as crew:
        assert set(crew.map(lambda _: threading.get_ident(), range(5))) == {threading.get_ident()}
        assert crew.submit(threading.get_ident).result() == threading.get_ident()


@pytest.mark.parametrize("threads", [2, 3])
def test_as_many_tasks_run_at_once_as_there_are_threads(threads: int) -> None:
    # Nobody passes the barrier before all are there.
    together = threading.Barrier(threads, timeout=30)

    def task(_: int) -> int:
        together.wait()
        return threading.get_ident()

    with Crew(threads) as crew:
        found: Set[int] = set(crew.map(task, range(threads)))
    assert len(found) == threads
    assert threading.get_ident() in found


@CREWS
def test_the_first_error_surfaces_and_ends_the_round(threads: int) -> None:
    begun: List[int] = []

    def task(number: int) -> None:
        begun.append(number)
        if number == 3:
            raise ValueError("three")

    with Crew(threads) as crew:
        with pytest.raises(ValueError, match="three"):
            crew.map(task, range(10_000))
        assert len(begun) < 10_000
        assert list(crew.map(str, range(3))) == ["0", "1", "2"]


def test_an_error_of_a_helper_reaches_the_caller() -> None:
    caller = threading.get_ident()
    failed = threading.Event()

    def task(_: int) -> None:
        if threading.get_ident() != caller:
            failed.set()
            raise ValueError("elsewhere")
        assert failed.wait(30)

    with Crew(2) as crew, pytest.raises(ValueError, match="elsewhere"):
        crew.map(task, range(2))


def test_helpers_have_ended_when_an_interrupted_caller_goes_on() -> None:
    caller = threading.get_ident()
    begun, ended = threading.Event(), threading.Event()

    def task(_: int) -> None:
        if threading.get_ident() == caller:
            assert begun.wait(30)
            raise KeyboardInterrupt
        begun.set()
        threading.Event().wait(0.05)
        ended.set()

    with Crew(2) as crew:
        with pytest.raises(KeyboardInterrupt):
            crew.map(task, range(100))
        assert ended.is_set()


@pytest.mark.parametrize("threads", [1, 2])
def test_a_submitted_task_keeps_its_error(threads: int) -> None:
    with Crew(threads) as crew:
        failed = crew.submit(int, "three")
        assert crew.submit(int, "3").result() == 3
        with pytest.raises(ValueError, match="invalid literal"):
            failed.result()


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGINT to send")
def test_ctrl_c_waits_for_the_helpers() -> None:
    caller = threading.get_ident()
    begun, ended = threading.Event(), threading.Event()

    def task(_: int) -> None:
        if threading.get_ident() == caller:
            assert begun.wait(30)
            return
        begun.set()
        time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.05)
        ended.set()

    with Crew(2) as crew:
        with pytest.raises(KeyboardInterrupt):
            crew.map(task, range(2))
        assert ended.is_set()
