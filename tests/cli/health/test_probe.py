"""Probing in a process of its own."""

from __future__ import annotations

import sys

import pytest

from pcsr_edge.cli.health import probe
from pcsr_edge.cli.health.probe import Probe, run_python


def test_output_of_a_line_that_works():
    assert run_python("print('fine')") == (0, "fine", "")


def test_modules_of_the_current_folder_are_not_imported(tmp_path, monkeypatch):
    (tmp_path / "numpy.py").write_text("raise ValueError('not numpy')")
    monkeypatch.chdir(tmp_path)
    assert run_python("import numpy; print('fine')") == (0, "fine", "")


@pytest.mark.parametrize("safe", ["", "1"])
def test_modules_of_pythonpath_are_imported(tmp_path, monkeypatch, safe):
    (tmp_path / "a_module.py").touch()
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHONSAFEPATH", safe)
    assert run_python("import a_module").passed


def test_exception_is_the_reason():
    assert run_python("raise ValueError('no libvips')").reason() == "ValueError: no libvips"


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
def test_signal_is_named():
    found = run_python("import os, signal; os.kill(os.getpid(), signal.SIGILL)")
    assert found.reason() == "the process was ended by SIGILL"


def test_time_limit(monkeypatch):
    monkeypatch.setattr(probe, "TIME_LIMIT_S", 0.2)
    assert not run_python("import time; time.sleep(60)").passed


def test_silent_exit_code_is_the_reason():
    assert Probe(3, "", "").reason() == "exit code 3"
