"""Every module that runs on a device can be imported without torch and onnx."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import List

import pytest
from support.tree import DEVICE_ROOMS, ROOT

# None in sys.modules makes an import of that name fail.
IMPORT_ALL = """
import importlib, sys
sys.modules.update(torch=None, onnx=None)
for name in sys.argv[1:]:
    importlib.import_module(name)
"""


def module_names(room: str) -> List[str]:
    """Return every module of a room by its full name."""
    paths = (path.relative_to(ROOT).with_suffix("") for path in (ROOT / room).rglob("*.py"))
    parts = (path.parent.parts if path.name == "__init__" else path.parts for path in paths)
    return ["pcsr_edge." + ".".join(names) for names in parts]


@pytest.mark.parametrize("room", DEVICE_ROOMS)
def test_room_is_imported_without_torch_and_onnx(room: str) -> None:
    names = module_names(room)
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL, *names],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    assert names
    assert done.returncode == 0, done.stdout
