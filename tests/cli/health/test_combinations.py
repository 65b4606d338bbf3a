"""Versions that do not work together."""

from __future__ import annotations

import pytest

from pcsr_edge.cli.health.combinations import check_combinations
from pcsr_edge.cli.health.finding import OK, PROBLEM, WARNING

RUNTIMES = ("onnxruntime", "onnxruntime-gpu")


def check(board=False, **versions):
    names = {name.replace("_", "-"): version for name, version in versions.items()}
    return check_combinations(names, RUNTIMES, board=board)


@pytest.mark.parametrize(
    "versions",
    [
        {},
        {"numpy": "1.23.5", "onnxruntime_gpu": "1.16.0", "tensorrt": "8.5.2.2"},
        {"numpy": "2.1.0", "onnxruntime": "1.19.2", "tensorrt": "10.3.0"},
        {"numpy": "1.26.4", "onnxruntime": "1.16.3", "opencv_python": "4.5.4"},
    ],
)
def test_good_versions(versions):
    assert check(**versions).level == OK


@pytest.mark.parametrize("name", ["onnxruntime", "onnxruntime_gpu"])
def test_onnxruntime_built_for_numpy_1(name):
    found = check(numpy="2.0.0", **{name: "1.18.0"})
    assert (found.level, found.mend) == (PROBLEM, "pip install 'numpy<2'")


def test_tensorrt_that_wants_numpy_bool():
    found = check(numpy="1.24.4", tensorrt="8.5.2.2")
    assert (found.level, found.mend) == (WARNING, "pip install 'numpy<1.24'")


def test_two_opencvs():
    found = check(opencv_python="4.9", opencv_python_headless="4.9")
    assert found.level == WARNING
    assert found.mend == (
        "pip uninstall -y opencv-python opencv-python-headless && pip install opencv-python"
    )


def test_two_opencvs_hide_that_of_a_board():
    found = check(board=True, opencv_python="4.9", opencv_python_headless="4.9")
    assert found.mend == "pip uninstall -y opencv-python opencv-python-headless"


def test_two_cupys():
    found = check(cupy_cuda11x="12.3", cupy="12.3")
    assert "pip install cupy" in found.mend


def test_of_two_cupys_a_board_keeps_its_own():
    versions = {"cupy-cuda11x": "12.3", "cupy-cuda12x": "13.6"}
    found = check_combinations(versions, RUNTIMES, board=True, cupy="cupy-cuda11x")
    assert found.mend.endswith("&& pip install cupy-cuda11x")


def test_the_worst_level_counts_and_both_are_mended():
    found = check(numpy="2.0", onnxruntime="1.16", opencv_python="4", opencv_contrib_python="4")
    assert found.level == PROBLEM
    assert found.mend.startswith("pip install 'numpy<2' && pip uninstall")
