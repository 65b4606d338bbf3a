"""The files and tools of a machine, below a root that tests put in another place."""

from __future__ import annotations

import glob
import os
import re
import stat
import subprocess
from pathlib import Path
from typing import List, Optional, Tuple

ROOT = Path("/")
LARGEST_FILE = 2**16
"""Bytes that are read of a file; what probes look for is shorter."""
TIME_LIMIT_S = 2.0
TOOL_FOLDERS = ("usr/sbin", "usr/bin", "sbin", "bin", "usr/local/bin", "opt/vc/bin")
_DIGITS = re.compile(r"(\d+)")


class Tree:
    """Answers questions about a machine with a value or None; never raises, never waits long.

    Args:
        root: the folder that stands for `/`. Paths are given relative to it: `proc/loadavg`.
        limit_s: seconds that a tool may take.
    """

    def __init__(self, root: Path = ROOT, limit_s: float = TIME_LIMIT_S) -> None:
        self.root, self._limit_s = root, limit_s

    def text(self, path: str) -> Optional[str]:
        """Return the text of a file without white space and NUL at its ends."""
        try:
            # A pipe or a terminal would keep a reader waiting.
            number = os.open(os.path.join(self.root, path), os.O_RDONLY | os.O_NONBLOCK)
        except (OSError, ValueError):
            return None
        try:
            if not stat.S_ISREG(os.fstat(number).st_mode):
                return None
            data = os.read(number, LARGEST_FILE)
        except OSError:
            return None
        finally:
            os.close(number)
        return data.decode("utf-8", "replace").strip("\0 \t\r\n")

    def number(self, path: str) -> Optional[int]:
        """Return the whole number that a file holds."""
        text = self.text(path)
        # Longer ones are no quantity, and `int` is slow on them.
        if text is None or re.fullmatch(r"-?[0-9]{1,20}", text) is None:
            return None
        return int(text)

    def paths(self, pattern: str) -> List[str]:
        """Return the paths that a pattern matches, relative to the root, 2 before 10."""
        base = os.path.join(glob.escape(str(self.root)), "")
        found = glob.glob(base + pattern)
        return sorted((os.path.relpath(path, self.root) for path in found), key=_by_numbers)

    def tool(self, name: str) -> Optional[str]:
        """Return the file of a command."""
        for folder in TOOL_FOLDERS:
            path = os.path.join(self.root, folder, name)
            if os.path.isfile(path) and os.access(path, os.X_OK):
                return path
        return None

    def output(self, name: str, *arguments: str) -> Optional[str]:
        """Return what a command wrote to stdout, if it ended well and in time."""
        tool = self.tool(name)
        if tool is None:
            return None
        try:
            done = subprocess.run(
                [tool, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "LC_ALL": "C"},
                timeout=self._limit_s,
                check=True,
            )
        except (OSError, ValueError, subprocess.SubprocessError):
            return None
        return done.stdout[:LARGEST_FILE].decode("utf-8", "replace")


def _by_numbers(path: str) -> Tuple[Tuple[int, str], ...]:
    parts = _DIGITS.split(path)
    return tuple((int(part[:18]) if part.isdigit() else -1, part) for part in parts)
