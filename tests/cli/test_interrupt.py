"""Ctrl-C at any time: one short line and exit code 130, never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

SOURCE = Path(__file__).parents[2] / "src"
INTERRUPT_ON_IMPORT = """
import os, signal, sys

class Interrupter:
    def find_spec(self, name, *_):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupter())
sys.argv = ["pcsr-edge", *{arguments!r}]
"""
STARTS = {
    "module": "import runpy; runpy.run_module('pcsr_edge', run_name='__main__', alter_sys=True)",
    "script": "from pcsr_edge.__main__ import main; sys.exit(main())",
}


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGINT to send")
@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize(
    "module", ["pcsr_edge.cli.main", "argparse", "pcsr_edge.cli.models", "pcsr_edge.runtime.bundle"]
)
def test_while_the_imports_run(module, start):
    done = interrupted(module, ["models"], start)
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr == "pcsr-edge: error: interrupted\n"


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGINT to send")
def test_while_onnxruntime_is_imported(tmp_path):
    Image.new("RGB", (8, 8)).save(tmp_path / "in.png")
    paths = [str(tmp_path / name) for name in ("in.png", "out.png")]
    done = interrupted("onnxruntime", ["upscale", *paths, "-n", "pcsr-fsrcnn-x4"], "module")
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr == "pcsr-edge: error: interrupted\n"
    assert [path.name for path in tmp_path.iterdir()] == ["in.png"]


def interrupted(module, arguments, start):
    """Run the command line and press Ctrl-C when `module` is looked for."""
    code = INTERRUPT_ON_IMPORT.format(module=module, arguments=arguments)
    return subprocess.run(
        [sys.executable, "-c", code + STARTS[start]],
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_the_package_itself_imports_no_typing():
    # Before its guard stands, nothing may take long.
    code = "import sys; before = set(sys.modules); import pcsr_edge; print(set(sys.modules)-before)"
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert "typing" not in done.stdout
