"""A bounded queue between two threads that either side can end."""

from __future__ import annotations

from collections import deque
from threading import Condition
from typing import Deque, Generic, Iterator, Optional, TypeVar

T = TypeVar("T")


class CancelledError(Exception):
    """The other side has given up; not an error of its own."""


class Channel(Generic[T]):
    """Hands items from one thread to another.

    Args:
        capacity: items that may wait; who puts one more waits.
    """

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self._items: Deque[T] = deque()
        self._changed = Condition()
        self._ended = self._cancelled = False
        self._error: Optional[BaseException] = None

    def __len__(self) -> int:
        return len(self._items)

    def put(self, item: T) -> None:
        """Hand over an item; wait while the channel is full.

        Raises:
            CancelledError: nobody takes items any more.
        """
        with self._changed:
            while len(self._items) >= self.capacity and not self._cancelled:
                self._changed.wait()
            if self._cancelled:
                raise CancelledError
            self._items.append(item)
            self._changed.notify_all()

    def put_latest(self, item: T) -> int:
        """Hand over an item without waiting; return how many older ones had to go for it.

        Raises:
            CancelledError: nobody takes items any more.
        """
        with self._changed:
            if self._cancelled:
                raise CancelledError
            gone = 0
            while len(self._items) >= self.capacity:
                self._items.popleft()
                gone += 1
            self._items.append(item)
            self._changed.notify_all()
        return gone

    def end(self, error: Optional[BaseException] = None) -> None:
        """Say that no item follows, and why where it is an error; the taker raises it."""
        with self._changed:
            self._ended, self._error = True, error
            self._changed.notify_all()

    def cancel(self) -> None:
        """Say that no item is taken any more."""
        with self._changed:
            self._cancelled = True
            self._items.clear()
            self._changed.notify_all()

    def __iter__(self) -> Iterator[T]:
        """Yield items until the end.

        Raises:
            CancelledError: the channel was cancelled.
            BaseException: the error that `end` was called with, after all items before it.
        """
        while True:
            with self._changed:
                while not (self._items or self._ended or self._cancelled):
                    self._changed.wait()
                if self._cancelled:
                    raise CancelledError
                if not self._items:
                    if self._error is not None:
                        raise self._error
                    return
                item = self._items.popleft()
                self._changed.notify_all()
            yield item
