"""A value that is made when it is needed, by whoever needs it first."""

from __future__ import annotations

from threading import Lock
from typing import Callable, Generic, Optional, TypeVar

from pcsr_edge.runtime.interruption import interrupts_held

T = TypeVar("T")


class Later(Generic[T]):
    """A value that is made once; several threads may ask for it.

    Args:
        make: makes it, and not None; let go of afterwards, with all that it holds.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._make: Optional[Callable[[], T]] = make
        self._value: Optional[T] = None
        self._lock = Lock()

    def get(self) -> T:
        """Return the value; make it, or wait while another thread does.

        Raises:
            BaseException: whatever making it raised; the next call tries again.
            KeyboardInterrupt: Ctrl-C was pressed meanwhile; the value is there.
        """
        # Ctrl-C in the wrong instant would leave the lock held, in Python 3.8.
        with interrupts_held(), self._lock:
            if self._make is not None:
                self._value, self._make = self._make(), None
        assert self._value is not None
        return self._value


def now(value: T) -> Later[T]:
    """Return a value that is there."""
    return Later(lambda: value)
