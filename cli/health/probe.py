"""Runs a line of Python in a process of its own, so that a crash becomes a message.

A wheel built for another processor ends the process with an illegal instruction at import
(onnxruntime 1.21.0 on a Raspberry Pi 4 does); that must not end `doctor`.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import NamedTuple, Optional

TIME_LIMIT_S = 120.0
_WITHOUT_FOLDER = "import sys; sys.path[:] = filter(None, sys.path)\n"
"""`-c` looks for modules in the current folder first, which may hold a numpy.py of its own; `-P`
is new in Python 3.11."""


class Probe(NamedTuple):
    """How the process ended."""

    code: Optional[int]
    """Exit code, negative the number of the signal that ended it, None past the time limit."""
    output: str
    """Its stdout, stripped."""
    errors: str
    """Its stderr, stripped."""

    @property
    def passed(self) -> bool:
        """Whether it ended by itself and without an error."""
        return self.code == 0

    def reason(self) -> str:
        """Say in a few words why it did not pass."""
        if self.code is None:
            return f"it did not end within {TIME_LIMIT_S:.0f} seconds"
        if self.code < 0:
            return f"the process was ended by {_signal_name(-self.code)}"
        lines = self.errors.splitlines()
        return lines[-1] if lines else f"exit code {self.code}"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def run_python(code: str) -> Probe:
    """Run `code` in a new Python process, which imports nothing from the current folder."""
    try:
        done = subprocess.run(
            [sys.executable, "-c", _WITHOUT_FOLDER + code],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=TIME_LIMIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Probe(None, "", "")
    return Probe(done.returncode, done.stdout.strip(), done.stderr.strip())
