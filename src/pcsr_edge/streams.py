"""Stdout, where results go, and stderr, where messages go; either may be closed or full."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import IO

from pcsr_edge.errors import OutputError


def write_result(text: str) -> None:
    """Write `text` and a line end to stdout, at once.

    Characters that stdout cannot take, such as bytes of a file name that are no text, become
    escapes, which JSON reads back.

    Raises:
        OutputError: stdout is closed, or what it leads to is full.
        BrokenPipeError: the reader has gone, as that of `| head` does.
    """
    stream = sys.stdout
    if stream is None:  # closed by whoever started us, or `pythonw`
        raise OutputError("the result cannot be written: stdout is closed; redirect it to a file")
    encoding = stream.encoding or "utf-8"
    try:
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
        stream.flush()
    except OSError as exc:
        silence(stream)
        if isinstance(exc, BrokenPipeError):
            raise
        reason = exc.strerror or exc
        raise OutputError(
            f"the result cannot be written to stdout: {reason}; redirect it to another place"
        ) from exc


def write_message(text: str) -> None:
    """Write `text` and a line end to stderr; a stderr that takes nothing is no reason to stop."""
    if sys.stderr is None:  # print would take stdout in its place
        return
    try:
        print(text, file=sys.stderr, flush=True)
    except OSError:
        silence(sys.stderr)


def silence(stream: IO[str]) -> None:
    """Let a stream that failed lead nowhere: Python writes what is left once more at its end."""
    # What stands in for a stream may have no file: OSError or ValueError.
    with suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)
