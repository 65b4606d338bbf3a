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
        from pcsr_edge.cli.main import main as command_line

        return command_line()
    except KeyboardInterrupt:
        # Not print: what stderr is made of may be half imported.
        os.write(_STDERR, b"pcsr-edge: error: interrupted\n")
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
