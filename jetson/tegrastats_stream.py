"""`tegrastats` running in the background: it knows what sysfs hides on some releases."""

from __future__ import annotations

import subprocess
import threading
from typing import IO, Optional

from pcsr_edge.jetson.probes.tegrastats import LONGEST_LINE, TegraLine, parse_line
from pcsr_edge.jetson.tree import Tree

END_TIME_S = 2.0


class TegrastatsStream:
    """Keeps the latest line; where the tool is missing, there is none.

    Args:
        tree: where the tool is looked for.
        interval_s: seconds between two lines.
    """

    def __init__(self, tree: Tree, interval_s: float) -> None:
        self.latest: Optional[TegraLine] = None
        """None until the first line has come."""
        self._process = _start(tree, interval_s)
        if self._process is not None and self._process.stdout is not None:
            pipe = self._process.stdout
            threading.Thread(target=self._read, args=(pipe,), daemon=True).start()

    def close(self) -> None:
        """End the tool."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(END_TIME_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _read(self, pipe: IO[bytes]) -> None:
        with pipe:
            for line in iter(lambda: pipe.readline(LONGEST_LINE), b""):
                self.latest = parse_line(line.decode("utf-8", "replace")) or self.latest


def _start(tree: Tree, interval_s: float) -> Optional[subprocess.Popen[bytes]]:
    tool = tree.tool("tegrastats")
    if tool is None:
        return None
    try:
        return subprocess.Popen(
            [tool, "--interval", str(max(1, round(interval_s * 1000)))],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    except OSError:
        return None
