"""`python export/export.py`."""

from __future__ import annotations

import argparse
import builtins
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable

import pytest
from support.tree import ROOT

from pcsr_edge.cli.main import main as command_line
from pcsr_edge.errors import ExportError, UsageError
from pcsr_edge.export.export import add_arguments, main, run
from pcsr_edge.models import PCSR, Checkpoint, save_checkpoint
from pcsr_edge.runtime.bundle import load_bundle

SCRIPT = str(ROOT / "export" / "export.py")
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT / "src")}


@pytest.fixture(name="checkpoint")
def _checkpoint(make_model: Callable[..., PCSR], tmp_path: Path) -> str:
    path = tmp_path / "tiny.pth"
    save_checkpoint(path, Checkpoint(make_model(), {"scale": 3}))
    return str(path)


def parse(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(arguments)


def test_name_and_scale_come_from_folder_and_checkpoint(
    checkpoint: str, target: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(parse(checkpoint, "-o", str(target), "--no-verify")) == 0
    manifest = load_bundle(target).manifest
    assert (manifest.name, manifest.scale) == ("bundle", 3)
    assert "scale 3" in capsys.readouterr().out


def test_options_win(checkpoint: str, target: Path) -> None:
    options = ["--name", "other", "--scale", "any", "--precision", "fp32", "--licence", "CC0-1.0"]
    run(parse(checkpoint, "-o", str(target), "--no-verify", *options))
    manifest = load_bundle(target).manifest
    assert (manifest.name, manifest.scale) == ("other", "any")
    assert list(manifest.precisions) == ["fp32"]
    assert manifest.provenance["licence"] == "CC0-1.0"


def test_scale_is_4_where_nobody_says(
    make_model: Callable[..., PCSR], target: Path, tmp_path: Path
) -> None:
    save_checkpoint(tmp_path / "a.pth", Checkpoint(make_model()))
    run(parse(str(tmp_path / "a.pth"), "-o", str(target), "--no-verify"))
    assert load_bundle(target).manifest.scale == 4


def test_graphs_are_verified_by_default(
    checkpoint: str, target: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(parse(checkpoint, "-o", str(target), "--json"))
    report = json.loads(capsys.readouterr().out)
    assert len(report["gate"]["pictures"]) == 4
    assert report["bundle"] == str(target)


def test_overwriting_must_be_asked_for(checkpoint: str, target: Path) -> None:
    arguments = [checkpoint, "-o", str(target), "--no-verify"]
    assert main(arguments) == 0
    assert main(arguments) == 1
    assert main([*arguments, "--overwrite"]) == 0


def test_a_bundle_is_no_checkpoint(checkpoint: str, target: Path) -> None:
    run(parse(checkpoint, "-o", str(target), "--no-verify"))
    with pytest.raises(UsageError, match="is a bundle, expected a checkpoint"):
        run(parse(str(target), "-o", str(target.parent / "second")))


@pytest.mark.parametrize("scale", ["two", "2.5", "", "0"])
def test_a_senseless_scale_is_refused(scale: str, checkpoint: str, target: Path) -> None:
    with pytest.raises(UsageError, match="scale"):
        run(parse(checkpoint, "-o", str(target), "--scale", scale))


def test_errors_are_told_in_one_line(target: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["missing.pth", "-o", str(target)]) == 1
    captured = capsys.readouterr()
    assert captured.err.startswith("error: checkpoint missing.pth does not exist")
    assert captured.out == ""


def test_usage_errors_exit_with_2(checkpoint: str, target: Path) -> None:
    assert main([checkpoint, "-o", str(target), "--precision", "int8"]) == 2


@pytest.mark.parametrize("missing", ["torch", "onnx"])
def test_a_missing_package_is_named(
    missing: str, checkpoint: str, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = builtins.__import__

    def refuse(name: str, *arguments: Any, **options: Any) -> Any:
        if name == "pcsr_edge.export.checkpoint":
            raise ModuleNotFoundError(f"No module named {missing!r}", name=missing)
        return load(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(ExportError, match=rf"needs {missing}.*pip install.*\[export\]"):
        run(parse(checkpoint, "-o", str(target)))


def test_the_quiet_command_says_nothing(
    checkpoint: str, target: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["export", checkpoint, "-o", str(target), "--no-verify", "--precision", "fp32"]
    assert command_line([*command, "-q"]) == 0
    assert capsys.readouterr().out == ""
    assert (target / "bundle.json").exists()


def test_options_are_known_without_torch_and_onnx() -> None:
    program = (
        "import sys; sys.modules.update(torch=None, onnx=None); import argparse; "
        "from pcsr_edge.export.export import add_arguments; "
        "add_arguments(argparse.ArgumentParser())"
    )
    done = subprocess.run([sys.executable, "-c", program], env=ENVIRONMENT, check=False)
    assert done.returncode == 0


def test_script_runs_by_its_path(checkpoint: str, target: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", SCRIPT, checkpoint, "-o", str(target), "--no-verify"],
        env=ENVIRONMENT,
        cwd=target.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert load_bundle(target).name == "bundle"
