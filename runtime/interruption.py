"""Keeps Ctrl-C out of what must not be left half done."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from types import FrameType
from typing import Iterator, List, Optional, Tuple


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Let Ctrl-C take effect only after the body, also where the body failed.

    For code that turns KeyboardInterrupt into another error, or dies of it later, as compiled
    modules do while they are imported.

    Raises:
        KeyboardInterrupt: Ctrl-C was pressed meanwhile.
    """
    before = signal.getsignal(signal.SIGINT)
    # Only the main thread may set a handler, and only it is interrupted.
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield
        return
    came: List[Tuple[int, Optional[FrameType]]] = []
    signal.signal(signal.SIGINT, lambda number, frame: came.append((number, frame)))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if came:
            before(*came[0])
