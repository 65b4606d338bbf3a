"""The command `pcsr-edge`, and `python -m pcsr_edge`.

Everything is imported inside `main`, so that Ctrl-C while the imports run is met as well.
"""

from __future__ import annotations

import os
import sys

INTERRUPTED = 130
_STDERR = 2


def main() -> int:
    """Run the command line and return its exit code; see `pcsr_edge.cli.main`."""
    try:
        _open_closed_streams()
        from pcsr_edge.cli.main import main as command_line

        code = command_line()
    except KeyboardInterrupt:
        _ignore_more()
        # Not print: what stderr is made of may be half imported.
        os.write(_STDERR, b"pcsr-edge: error: interrupted\n")
        code = INTERRUPTED
    if code == INTERRUPTED:
        _leave_at_once()
    return code


def _ignore_more() -> None:
    """Let the leaving itself not be interrupted: `timeout` and users in a hurry signal twice."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _leave_at_once() -> None:
    """Leave without Python's own end: engine threads that still run would abort it."""
    from contextlib import suppress

    _ignore_more()
    for stream in (sys.stdout, sys.stderr):
        # None where it was closed from the start, and nobody may read it any more.
        with suppress(AttributeError, OSError, ValueError):
            stream.flush()
    os._exit(INTERRUPTED)


def _open_closed_streams() -> None:
    """Let a closed stdin, stdout or stderr lead nowhere.

    Else the next file that is opened takes its number, and what a library writes to stderr ends
    up in a picture. `sys.stdout` and `sys.stderr` stay None, as Python found them.
    """
    for number in range(_STDERR + 1):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


if __name__ == "__main__":
    sys.exit(main())
