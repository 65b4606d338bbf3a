"""Threads that share work with the one that calls."""

from __future__ import annotations

from concurrent.futures import Executor, Future, ThreadPoolExecutor
from itertools import count
from typing import Any, Callable, Iterable, Iterator, List, Optional, TypeVar

from pcsr_edge.runtime.interruption import interrupts_held

T = TypeVar("T")


class Crew(Executor):
    """An executor whose calling thread takes part.

    Who only waits must be woken up for each answer, often on another core, whose caches know
    nothing of the work: a tenth of the time of a small frame. With one thread nothing changes
    hands at all.

    Args:
        threads: that work at once, the caller among them.
    """

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._helpers: Optional[ThreadPoolExecutor] = None
        if threads > 1:
            self._helpers = ThreadPoolExecutor(threads - 1, thread_name_prefix="pcsr-edge")

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Run a task in a helper, or at once where there is none."""
        if self._helpers is not None:
            return self._helpers.submit(fn, *args, **kwargs)
        done: Future[T] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except Exception as exc:
            done.set_exception(exc)
        return done

    def map(
        self,
        fn: Callable[..., T],
        *iterables: Iterable[Any],
        timeout: Optional[float] = None,
        chunksize: int = 1,
    ) -> Iterator[T]:
        """Run tasks, here and in the helpers, and return when all are done.

        After one that fails none is begun.

        Args:
            fn: called with one item of each iterable.
            iterables: all as long as the shortest.
            timeout: has no effect: tasks are done when this returns.
            chunksize: has no effect.

        Returns:
            Results in order.

        Raises:
            BaseException: what the first task that failed has raised.
        """
        round_ = _Round(fn, list(zip(*iterables)))
        helpers = [
            self.submit(round_.work) for _ in range(min(self._threads, len(round_.tasks)) - 1)
        ]
        try:
            round_.work()
        except BaseException:
            round_.stop()
            raise
        finally:
            # What they write to must not go away under them.
            with interrupts_held():
                for helper in helpers:
                    if not helper.cancel():
                        helper.exception()
        for helper in helpers:
            if not helper.cancelled():
                helper.result()
        return iter(round_.results)

    def shutdown(self, wait: bool = True, **options: Any) -> None:
        """End the helpers; see `Executor.shutdown`."""
        if self._helpers is not None:
            self._helpers.shutdown(wait, **options)


class _Round:
    """Tasks that several threads take from, one by one."""

    def __init__(self, fn: Callable[..., Any], tasks: List[Any]) -> None:
        self.tasks = tasks
        self.results: List[Any] = [None] * len(tasks)
        self._fn = fn
        # Its `next` is a single step of the interpreter: no two threads get the same number.
        self._numbers = count()
        self._stopped = False

    def work(self) -> None:
        """Do tasks until none is left."""
        while not self._stopped:
            number = next(self._numbers)
            if number >= len(self.tasks):
                return
            try:
                self.results[number] = self._fn(*self.tasks[number])
            except BaseException:
                self.stop()
                raise

    def stop(self) -> None:
        """Let no further task begin."""
        self._stopped = True
