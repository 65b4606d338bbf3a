"""The check of a GPU in one call, on fakes; the processes run in this one."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any, Dict, List

import pytest
from support.fake_gpu import FakeGPU
from support.tree import ROOT

from pcsr_edge.cli.main import main
from pcsr_edge.runtime.engines import gate


@pytest.fixture(name="gpu_check")
def _gpu_check(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    monkeypatch.syspath_prepend(str(ROOT))
    monkeypatch.setenv("PCSR_EDGE_CACHE", str(tmp_path / "cache"))
    from benchmarks import gpu_check

    return gpu_check


def in_process(gpu_check: Any, calls: List[List[str]]) -> Any:
    """Return what runs `-m pcsr_edge …` here."""

    def call(args: List[str]) -> Any:
        calls.append(args)
        if args[:2] != ["-m", "pcsr_edge"]:
            return gpu_check.Done(0, "{}", "")
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main(args[2:])
        return gpu_check.Done(code, out.getvalue(), err.getvalue())

    return call


def run(gpu_check: Any, folder: Path, *options: str) -> Any:
    calls: List[List[str]] = []
    args = ["--models", "esr-max-x2", "--size", "24x16", "-o", str(folder), *options]
    return gpu_check.main(args, in_process(gpu_check, calls)), calls


def steps(folder: Path) -> Dict[str, Any]:
    document = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return {step["name"]: step for step in document["steps"]}


def test_everything_is_built_verified_and_timed(
    gpu_check: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    FakeGPU(monkeypatch)
    code, calls = run(gpu_check, tmp_path)
    assert code == 0
    found = steps(tmp_path)
    assert list(found) == [
        "doctor",
        "esr-max-x2.fp32.engines",
        "esr-max-x2.fp16.engines",
        "esr-max-x2.trt.verify",
        "esr-max-x2.cuda.verify",
        "engines",
        "times",
    ]
    # ONNX Runtime for CUDA is not there, which is no failure.
    assert found["esr-max-x2.cuda.verify"]["code"] == 3
    assert calls[-1][:2] == ["-m", "benchmarks.gpu"]
    text = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert "| esr-max-x2.fp16.engines |" in text
    assert "1 built, " in text
    assert "tensorrt fp16: " in text
    assert "7 steps, 0 failed" in text
    assert (tmp_path / "esr-max-x2.trt.verify.json").is_file()


def test_an_engine_that_differs_fails_the_check(
    gpu_check: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    FakeGPU(monkeypatch)
    monkeypatch.setattr(gate, "ALLOWED_DB", {"fp32": 1.0, "fp16": -1.0})
    code, _ = run(gpu_check, tmp_path, "--no-times")
    assert code == 4
    assert steps(tmp_path)["esr-max-x2.fp16.engines"]["code"] == 4
    assert "FAILED: pcsr-edge: error: the engines of esr-max-x2, fp16, are refused" in (
        tmp_path / "report.md"
    ).read_text(encoding="utf-8")


def test_a_step_that_crashes_is_a_line(gpu_check: Any, tmp_path: Path) -> None:
    def crash(args: List[str]) -> Any:
        return gpu_check.Done(-11, "", "Segmentation fault")

    code = gpu_check.main(["--models", "esr-max-x2", "-o", str(tmp_path)], crash)
    assert code == 4
    assert "FAILED: Segmentation fault" in (tmp_path / "report.md").read_text(encoding="utf-8")


def test_without_a_gpu_it_ends_at_once(
    gpu_check: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    FakeGPU(monkeypatch, version=None)
    code, calls = run(gpu_check, tmp_path)
    assert code == 3
    assert [words[2] for words in calls] == ["doctor", "export"]


def test_every_shipped_model_with_graphs_is_checked(gpu_check: Any, tmp_path: Path) -> None:
    calls: List[List[str]] = []

    def note(args: List[str]) -> Any:
        calls.append(args)
        return gpu_check.Done(0, "{}", "")

    assert gpu_check.main(["-o", str(tmp_path)], note) == 0
    verified = {words[3] for words in calls if words[2] == "verify"}
    assert "bicubic" not in verified
    assert {"pcsr-fsrcnn-x4", "plain-l-x4", "arm-fsrcnn-x4", "esr-tm-x2"} <= verified
    int8 = {words[3] for words in calls if words[2] == "export" and words[-2] == "int8"}
    assert int8 == {"plain-s-x4", "plain-m-x4", "plain-l-x4"}


def test_without_torch_all_but_the_times_is_done(
    gpu_check: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    FakeGPU(monkeypatch)
    monkeypatch.setattr(gpu_check, "find_spec", lambda name: None)
    code, _ = run(gpu_check, tmp_path)
    assert code == 0
    assert "times" not in steps(tmp_path)


def test_a_process_is_run(gpu_check: Any) -> None:
    code = "import sys; print(1); print(2, file=sys.stderr); sys.exit(5)"
    assert gpu_check.call_python(["-c", code]) == (5, "1\n", "2\n")
