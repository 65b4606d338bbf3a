"""`python -m pcsr_edge`: the same as the command `pcsr-edge`."""

from __future__ import annotations

import sys

from pcsr_edge.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
