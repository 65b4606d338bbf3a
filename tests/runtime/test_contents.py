"""The table of contents in `runtime/__init__.py`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pcsr_edge import runtime

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", runtime.__all__)
def test_every_name_leads_to_its_thing(name: str) -> None:
    assert getattr(runtime, name).__name__ == name


def test_the_table_names_each_thing_once() -> None:
    names = [name for names in runtime._CONTENTS.values() for name in names]
    assert sorted(names) == sorted(runtime.__all__) == dir(runtime)


def test_other_names_are_not_there() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        runtime.nothing  # noqa: B018


def test_the_table_alone_loads_nothing() -> None:
    code = "import sys, pcsr_edge.runtime; print('numpy' in sys.modules)"
    command = [sys.executable, "-c", code]
    environment = {"PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE)
    assert done.stdout.strip() == b"False"
