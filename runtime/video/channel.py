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
        burst: places that are given back at a time, at most `capacity`; 1 where the oldest may
            have to go. Who waits for a place then gets several, and puts item after item: threads
            that take turns item by item stand in each other's way with every one (Python lets one
            of them run).
    """

    def __init__(self, capacity: int, burst: int = 1) -> None:
        self.capacity, self._burst = capacity, burst
        self._owed = 0
        self._items: SimpleQueue[Any] = SimpleQueue()
        self._room: SimpleQueue[object] = SimpleQueue()
        for _ in range(capacity):
            self._room.put(_ROOM)
        self._cancelled = False
        self._error: Optional[BaseException] = None

    def __len__(self) -> int:
        return max(0, self.capacity - self._room.qsize() - self._owed)

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

        Only where places are given back one by one.

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
            self._give_back()
            yield item

    def _give_back(self) -> None:
        """Let an item follow the one that was taken, as soon as a burst of them may."""
        self._owed += 1
        if self._owed < self._burst:
            return
        for _ in range(self._owed):
            self._room.put(_ROOM)
        self._owed = 0

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
