"""The table of contents in `runtime/__init__.py`."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Iterator, Tuple

import pytest

from pcsr_edge import runtime

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", runtime.__all__)
def test_every_name_leads_to_its_thing(name: str) -> None:
    assert getattr(runtime, name).__name__ == name


def test_the_table_names_each_thing_once() -> None:
    names = [name for names in runtime._CONTENTS.values() for name in names]
    assert sorted(names) == sorted(runtime.__all__) == dir(runtime)


def imports() -> Iterator[Tuple[str, str]]:
    """Yield module and name of what other rooms import from files of this one."""
    for room in ("benchmarks", "calib", "cli", "export", "jetson", "train"):
        for path in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ImportFrom):
                    yield from ((node.module or "", alias.name) for alias in node.names)


def test_what_other_rooms_call_is_in_the_table() -> None:
    used = {pair for pair in imports() if pair[0].startswith("pcsr_edge.runtime.")}
    assert ("pcsr_edge.runtime.upscaler", "Upscaler") in used
    missing = []
    for module, name in used:
        thing = getattr(import_module(module), name)
        is_called = inspect.isclass(thing) or inspect.isfunction(thing)
        if is_called and ".images" not in module and name not in runtime.__all__:
            missing.append(f"{module}.{name}")
    assert not missing


def test_other_names_are_not_there() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        runtime.nothing  # noqa: B018


def test_the_table_alone_loads_nothing() -> None:
    code = "import sys, pcsr_edge.runtime; print('numpy' in sys.modules)"
    command = [sys.executable, "-c", code]
    environment = {"PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE)
    assert done.stdout.strip() == b"False"
