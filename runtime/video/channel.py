"""A bounded queue between two threads that either side can end.

It is made of queues that are written in C: Ctrl-C, which may strike the main thread anywhere,
leaves a `threading.Condition` broken where it strikes within a notification.
"""

from __future__ import annotations

from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any, Generic, Iterator, Optional, TypeVar

T = TypeVar("T")


class CancelledError(Exception):
    """The other side has given up; not an error of its own."""


_END, _CANCELLED, _ROOM = object(), object(), object()


class Channel(Generic[T]):
    """Hands items from one thread to another.

    Args:
        capacity: items that may wait; who puts one more waits.
    """

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self._items: SimpleQueue[Any] = SimpleQueue()
        self._room: SimpleQueue[object] = SimpleQueue()
        for _ in range(capacity):
            self._room.put(_ROOM)
        self._cancelled = False
        self._error: Optional[BaseException] = None

    def __len__(self) -> int:
        return max(0, self.capacity - self._room.qsize())

    def put(self, item: T) -> None:
        """Hand over an item; wait while the channel is full.

        Raises:
            CancelledError: nobody takes items any more.
        """
        self._room.get()
        self._check()
        self._items.put(item)

    def put_latest(self, item: T) -> int:
        """Hand over an item without waiting; return how many older ones had to go for it.

        Raises:
            CancelledError: nobody takes items any more.
        """
        self._check()
        try:
            self._room.get_nowait()
            gone = 0
        except Empty:
            gone = self._drop_oldest()
        self._items.put(item)
        return gone

    def end(self, error: Optional[BaseException] = None) -> None:
        """Say that no item follows, and why where it is an error; the taker raises it."""
        self._error = error
        self._items.put(_END)

    def cancel(self) -> None:
        """Say that no item is taken any more."""
        self._cancelled = True
        with suppress(Empty):
            while True:
                self._items.get_nowait()
        # Whoever waits on either side finds this.
        self._items.put(_CANCELLED)
        self._room.put(_CANCELLED)

    def __iter__(self) -> Iterator[T]:
        """Yield items until the end.

        Raises:
            CancelledError: the channel was cancelled.
            BaseException: the error that `end` was called with, after all items before it.
        """
        while True:
            item = self._items.get()
            self._check()
            if item is _END:
                if self._error is not None:
                    raise self._error
                return
            self._room.put(_ROOM)
            yield item

    def _check(self) -> None:
        if self._cancelled:
            # For the next one who comes.
            self._items.put(_CANCELLED)
            self._room.put(_CANCELLED)
            raise CancelledError

    def _drop_oldest(self) -> int:
        try:
            self._items.get_nowait()
        except Empty:
            # The taker was quicker, and gives back the room of what it took.
            self._room.get()
            return 0
        return 1
