"""What people read while a command runs, on stderr; results go to stdout, elsewhere."""

from __future__ import annotations

import argparse
import os
import sys
from typing import Optional

from pcsr_edge.streams import write_message

TRACEBACK_LEVEL = 2


class Console:
    """Writes messages to stderr, as many as the user asked for.

    Levels: -1 with -q (errors only), 0 normally, 1 with -v (details), 2 with -vv (tracebacks).
    """

    def __init__(self, level: int = 0) -> None:
        self.level = level

    @classmethod
    def of(cls, args: Optional[argparse.Namespace]) -> Console:
        """Return the console that `-v` and `-q` in `args` ask for."""
        quiet = getattr(args, "quiet", False)
        return cls(-1 if quiet else int(getattr(args, "verbose", 0) or 0))

    def failure(self, error: BaseException) -> None:
        """Write an error's message; with -vv its traceback follows."""
        self.error(str(error))
        if self.level >= TRACEBACK_LEVEL:
            import traceback

            trace = traceback.format_exception(type(error), error, error.__traceback__)
            _write("".join(trace).rstrip())

    def error(self, text: str) -> None:
        """Write an error; always shown."""
        _write(f"pcsr-edge: {_coloured('error:', '31')} {text}")

    def warn(self, text: str) -> None:
        """Write a warning; hidden by -q."""
        if self.level >= 0:
            _write(f"pcsr-edge: {_coloured('warning:', '33')} {text}")

    def say(self, text: str) -> None:
        """Write how the work goes on; hidden by -q."""
        if self.level >= 0:
            _write(text)

    def detail(self, text: str) -> None:
        """Write what only -v shows."""
        if self.level >= 1:
            _write(text)


def _coloured(text: str, colour: str) -> str:
    # https://no-color.org: any value that is not empty switches colours off.
    if os.environ.get("NO_COLOR") or not on_terminal():
        return text
    return f"\x1b[1;{colour}m{text}\x1b[0m"


def on_terminal() -> bool:
    """Return whether somebody watches stderr."""
    return sys.stderr is not None and sys.stderr.isatty()


def _write(text: str) -> None:
    if "tqdm" in sys.modules and on_terminal():
        from tqdm import tqdm

        # A progress bar on the line would be torn apart; tqdm moves it out of the way.
        tqdm.write(text, file=sys.stderr)
    else:
        write_message(text)
