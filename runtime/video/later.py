"""A value that is made when it is needed, by whoever needs it first."""

from __future__ import annotations

from threading import Lock
from typing import Callable, Generic, Optional, TypeVar

T = TypeVar("T")


class Later(Generic[T]):
    """A value that is made once; several threads may ask for it.

    Args:
        make: makes it; let go of afterwards, with all that it holds.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._make: Optional[Callable[[], T]] = make
        self._value: Optional[T] = None
        self._lock = Lock()

    def get(self) -> T:
        """Return the value; make it, or wait while another thread does.

        Raises:
            BaseException: whatever making it raised; the next call tries again.
        """
        with self._lock:
            if self._make is not None:
                self._value, self._make = self._make(), None
        assert self._value is not None
        return self._value


def now(value: T) -> Later[T]:
    """Return a value that is there."""
    return Later(lambda: value)
