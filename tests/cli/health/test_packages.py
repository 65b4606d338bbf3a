"""Checks of Python and packages, on values of machines we do not have."""

from __future__ import annotations

import pytest

from pcsr_edge.cli.health import packages
from pcsr_edge.cli.health.finding import NO_COMMAND, OK, PROBLEM, WARNING
from pcsr_edge.cli.health.probe import Probe
from pcsr_edge.installation import install_command

ILLEGAL = Probe(-4, "", "")


def test_python_3_8_is_fine():
    assert packages.check_python((3, 8, 18), None).level == OK


def test_python_3_7_is_a_problem():
    found = packages.check_python((3, 7, 17), "python3.11")
    assert found.level == PROBLEM
    assert found.mend.startswith("python3.11 -m venv ")


def test_python_3_7_without_a_newer_one():
    found = packages.check_python((3, 7, 17), None)
    assert (found.level, found.mend, NO_COMMAND in found.text) == (PROBLEM, None, True)


def test_the_newest_python_is_taken(tmp_path, monkeypatch):
    for name in ("python3.7", "python3.9", "python3.12"):
        (tmp_path / name).touch(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert packages.newer_python() == "python3.12"


def test_a_build_for_a_gpu_is_not_asked_of_the_index_on_arm():
    found = packages.check_onnxruntime({"onnxruntime-gpu": "1.11.0"}, "aarch64")
    assert found.mend == "pip uninstall -y onnxruntime-gpu && pip install onnxruntime"


def test_onnxruntime_alone_is_fine():
    found = packages.check_onnxruntime({"onnxruntime": "1.19.2", "onnxruntime-gpu": None}, "x86_64")
    assert found == ("onnxruntime", OK, "onnxruntime 1.19.2", None)


def test_no_onnxruntime_is_a_problem():
    found = packages.check_onnxruntime({"onnxruntime": None, "onnxruntime-gpu": None}, "x86_64")
    assert (found.level, found.mend) == (PROBLEM, "pip install onnxruntime")


def test_both_onnxruntimes_are_a_problem_with_one_command():
    versions = {"onnxruntime": "1.20.0", "onnxruntime-gpu": "1.20.0"}
    found = packages.check_onnxruntime(versions, "x86_64")
    assert found.level == PROBLEM
    assert found.mend == "pip uninstall -y onnxruntime onnxruntime-gpu && pip install onnxruntime"


@pytest.mark.parametrize(("machine", "level"), [("aarch64", PROBLEM), ("x86_64", OK)])
def test_onnxruntime_1_21_0_is_a_problem_on_arm_only(machine, level):
    versions = {"onnxruntime": "1.21.0", "onnxruntime-gpu": None}
    assert packages.check_onnxruntime(versions, machine).level == level


def test_old_onnxruntime_is_a_problem():
    versions = {"onnxruntime": "1.9.0", "onnxruntime-gpu": None}
    assert packages.check_onnxruntime(versions, "x86_64").level == PROBLEM


def test_illegal_instruction_is_a_message():
    found = packages.check_providers(ILLEGAL)
    assert found.level == PROBLEM
    assert "SIGILL" in found.text


def test_missing_cpu_provider_is_a_problem():
    assert packages.check_providers(Probe(0, "CUDAExecutionProvider", "")).level == PROBLEM


def test_providers_are_listed():
    found = packages.check_providers(Probe(0, "CUDAExecutionProvider CPUExecutionProvider", ""))
    assert found.text == "CUDAExecutionProvider, CPUExecutionProvider"


@pytest.mark.parametrize(("required", "level"), [(True, PROBLEM), (False, WARNING)])
def test_package_that_cannot_be_imported(required, level):
    probe = Probe(1, "", "Traceback\nOSError: cannot load library 'libvips.so'")
    found = packages.check_import("pyvips", "pyvips[binary]", probe, required=required)
    assert (found.level, found.text) == (
        level,
        "cannot be imported: OSError: cannot load library 'libvips.so'",
    )


def test_missing_optional_package_is_fine_and_named():
    found = packages.check_optional("torch", None, "train", "export and train need")
    assert found.level == OK
    assert found.mend == install_command("train")


def test_installed_names_no_version_of_what_is_absent():
    assert packages.installed("surely-not-installed-here") is None
