"""Lets Ctrl-C end what computes, which Python itself cannot interrupt."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Callable, Iterator, Optional

if TYPE_CHECKING:
    import socket


@contextmanager
def on_interrupt(stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` at once, in a thread of its own, when Ctrl-C is pressed.

    Python raises KeyboardInterrupt only when the main thread is back from the call it is in; but
    the number of a signal is written to the wakeup descriptor in the moment it comes.
    """
    if threading.current_thread() is not threading.main_thread():
        # Only the main thread may set it.
        yield
        return
    import socket

    ours, signals = socket.socketpair()
    signals.setblocking(False)
    before = signal.set_wakeup_fd(signals.fileno())
    watcher = threading.Thread(target=_watch, args=(ours, stop), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        signals.close()
        watcher.join()
        ours.close()


@contextmanager
def terminated_as_interrupted() -> Iterator[None]:
    """Take the signal by which systemd and containers end a program for Ctrl-C.

    Otherwise what a camera has recorded so far would be lost.
    """
    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _interrupt(number: int, frame: Optional[FrameType]) -> None:
    if callable(signal.getsignal(signal.SIGINT)):
        signal.raise_signal(signal.SIGINT)
    else:
        # Shells let programs in the background of a script ignore Ctrl-C.
        raise KeyboardInterrupt


def _watch(signals: socket.socket, stop: Callable[[], None]) -> None:
    """Read until the other end is closed."""
    while True:
        numbers = signals.recv(64)
        if not numbers:
            return
        if signal.SIGINT in numbers or signal.SIGTERM in numbers:
            stop()
