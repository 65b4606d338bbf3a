"""The table of contents of the package."""

from __future__ import annotations

import subprocess
import sys

from pcsr_edge.runtime import images


def test_all_names_exist_and_are_sorted() -> None:
    constants_first = sorted(images.__all__, key=lambda name: (not name.isupper(), name))
    assert images.__all__ == constants_first
    assert all(hasattr(images, name) for name in images.__all__)


def test_importing_loads_no_pyvips() -> None:
    code = "import sys, pcsr_edge.runtime.images; sys.exit('pyvips' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
