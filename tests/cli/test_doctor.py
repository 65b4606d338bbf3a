"""`pcsr-edge doctor`: how findings are shown, and what they do to the exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from support.tree import ROOT

from pcsr_edge.cli.health import bundles, checkup
from pcsr_edge.cli.health.finding import OK, PROBLEM, WARNING, Finding
from pcsr_edge.cli.health.probe import Probe

FINE = Finding("python", OK, "3.11.7")
WORSE = Finding("memory", WARNING, "100 MiB free", "buy some")
BROKEN = Finding("onnxruntime", PROBLEM, "not installed", "pip install onnxruntime")


@pytest.fixture
def found(monkeypatch):
    """Return a function that sets what the checks find."""

    def arrange(*findings):
        monkeypatch.setattr(checkup, "findings", lambda: iter(findings))

    return arrange


def test_warnings_are_no_failure(found, cli):
    found(FINE, WORSE)
    ran = cli("doctor")
    assert ran.code == 0
    assert ran.out.endswith("0 problems, 1 warning\n")


def test_problem_fails_and_shows_the_mending_command(found, cli):
    found(FINE, BROKEN)
    ran = cli("doctor")
    assert ran.code == 1
    assert "mend: pip install onnxruntime\n" in ran.out


def test_quiet_shows_only_what_is_wrong(found, cli):
    found(FINE, BROKEN)
    out = cli("doctor", "-q").out
    assert "python" not in out
    assert "onnxruntime" in out


def test_what_is_not_there_and_not_needed_is_added_by_a_command(found, cli):
    found(Finding("torch", OK, "not installed", "pip install torch"))
    assert "torch        not installed: pip install torch\n" in cli("doctor").out


def test_json(found, cli):
    found(FINE, BROKEN)
    document = json.loads(cli("doctor", "--json").out)
    assert next(iter(document)) == "schema_version"
    assert document["problems"] == 1
    assert document["findings"][1]["mend"] == "pip install onnxruntime"


def test_every_check_names_itself_once(monkeypatch):
    monkeypatch.setattr(checkup, "run_python", lambda code: Probe(0, "1.0", ""))
    names = [finding.name for finding in checkup.findings()]
    assert len(names) == len(set(names))
    expected = "python numpy onnxruntime versions models tensorrt cupy video opencv system clocks"
    assert {*expected.split(), "memory", "cache"} <= set(names)


def test_upscaling_is_not_tried_on_a_broken_installation(monkeypatch):
    monkeypatch.setattr(checkup, "run_python", lambda code: Probe(-4, "", ""))
    found = {finding.name: finding for finding in checkup.findings()}
    assert (found["models"].level, found["upscaling"].level) == (WARNING, WARNING)


def check_bundles(damage):
    return bundles.check_bundles(Probe(0, json.dumps(damage), ""), "pcsr-fsrcnn-x4")


def test_shipped_models_with_right_hashes():
    found = check_bundles({"pcsr-fsrcnn-x4": [], "other": []})
    assert (found.level, found.text) == (OK, "2 models, all hashes right")


def test_damaged_shipped_model_is_a_problem():
    found = check_bundles({"pcsr-fsrcnn-x4": ["a graph is wrong"]})
    assert (found.level, found.text) == (PROBLEM, "a graph is wrong")


def test_missing_default_model_is_a_problem():
    assert check_bundles({"other": []}).level == PROBLEM


def test_models_that_cannot_be_read_are_a_problem():
    found = bundles.check_bundles(Probe(-4, "", ""), "pcsr-fsrcnn-x4")
    assert (found.level, "SIGILL" in found.text) == (PROBLEM, True)


def test_line_that_looks_at_the_models_works():
    from pcsr_edge.cli.health.probe import run_python

    probe = run_python(bundles.DAMAGE_CODE)
    assert bundles.check_bundles(probe, "pcsr-fsrcnn-x4").level == OK


@pytest.mark.parametrize(
    "line",
    ["raise ImportError('libopenblas.so.0')", "import os; os.abort()"],
    ids=["no library", "crash"],
)
def test_numpy_that_cannot_be_imported_is_a_finding(tmp_path, line):
    (tmp_path / "numpy.py").write_text(line)
    path = os.pathsep.join([str(tmp_path), str(ROOT / "src")])
    done = subprocess.run(
        [sys.executable, "-m", "pcsr_edge", "doctor", "--json"],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    levels = {f["name"]: f["level"] for f in json.loads(done.stdout)["findings"]}
    assert done.returncode == 1
    assert (levels["numpy"], levels["models"], levels["cache"]) == (PROBLEM, WARNING, OK)


def test_failed_upscaling_is_a_problem():
    found = bundles.check_run(Probe(1, "", "EngineError: no such graph"))
    assert found.level == PROBLEM
    assert "no such graph" in found.text


def test_line_that_tries_upscaling_works(tiny_bundle):
    from pcsr_edge.cli.health.probe import run_python

    probe = run_python(bundles.RUN_CODE.format(model=str(tiny_bundle)))
    assert probe == (0, "onnxruntime-cpu", "")
