"""The arrows between the rooms hold, and the contracts that say so would notice if not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Tuple

import pytest
from support.tree import ROOT, copy_tree

pytest.importorskip("importlinter", reason="the contracts are checked by import-linter")
LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"

VIOLATIONS = (
    ("runtime/frame.py", "from pcsr_edge.cli import console", "runtime imports no other room"),
    (
        "calib/__init__.py",
        "import pcsr_edge.jetson",
        "calib imports runtime, and of export only what needs no torch",
    ),
    ("jetson/__init__.py", "import pcsr_edge.cli", "jetson imports runtime and calib alone"),
    ("models/mlp.py", "import pcsr_edge.runtime.quality", "models imports no other room"),
    (
        "train/data.py",
        "import pcsr_edge.runtime.upscaler",
        "train imports models, and of runtime only resample and quality",
    ),
    ("export/flops.py", "import pcsr_edge.train", "export imports models and runtime alone"),
    (
        "cli/upscale.py",
        "def load():\n    import pcsr_edge.models",
        "what runs on a device needs neither torch nor onnx",
    ),
    (
        "runtime/quality.py",
        "import torch",
        "what runs on a device needs neither torch nor onnx",
    ),
)
"""File, line that must not stand there, contract that forbids it."""


def lint_imports(tree: Path) -> Tuple[int, str]:
    """Run import-linter on a tree; return its exit code and what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", LINT, "--no-cache"],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree / "src"), "PYTHONIOENCODING": "utf-8"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    return done.returncode, done.stdout


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the tree once, to break it line by line."""
    return copy_tree(tmp_path_factory.mktemp("contracts") / "tree")


def test_contracts_are_kept() -> None:
    code, output = lint_imports(ROOT)
    assert code == 0, output


@pytest.mark.parametrize(("file", "line", "contract"), VIOLATIONS)
def test_contract_is_broken_by(tree: Path, file: str, line: str, contract: str) -> None:
    path = tree / file
    original = path.read_text(encoding="utf-8")
    path.write_text(f"{original}\n{line}\n", encoding="utf-8")
    try:
        code, output = lint_imports(tree)
    finally:
        path.write_text(original, encoding="utf-8")
    assert code != 0
    assert f"{contract} BROKEN" in output
