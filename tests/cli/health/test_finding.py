"""Every finding that is not fine says what mends it, or that no command does."""

from __future__ import annotations

from pathlib import Path

import pytest

from pcsr_edge.cli.health import (
    accelerators,
    board,
    bundles,
    combinations,
    machine,
    media,
    packages,
)
from pcsr_edge.cli.health.finding import NO_COMMAND, OK
from pcsr_edge.cli.health.probe import Probe
from pcsr_edge.jetson import Conditions
from pcsr_edge.jetson.board import Board

CRASHED = Probe(-4, "", "")
JETSON = Board("jetson", "Jetson-AGX", l4t="35.4.1", jetpack="5.1.2")
PI = Board("raspberry-pi", "Raspberry Pi 4 Model B")
SLOW = Conditions(
    clocks_pinned=False,
    power_mode="15W",
    power_mode_maximum="MAXN",
    power_mode_maximum_number=0,
    throttled=("under-voltage",),
)
WRONG = {
    "old Python": packages.check_python((3, 7, 1), "python3.11"),
    "only old Python": packages.check_python((3, 7, 1), None),
    "broken package": packages.check_import("numpy", "numpy", CRASHED, required=True),
    "no ONNX Runtime": packages.check_onnxruntime({}, "x86_64"),
    "two": packages.check_onnxruntime({"onnxruntime": "1.20", "onnxruntime-gpu": "1.20"}, "x86_64"),
    "illegal": packages.check_onnxruntime({"onnxruntime": "1.21.0"}, "aarch64"),
    "old": packages.check_onnxruntime({"onnxruntime": "1.9.0"}, "x86_64"),
    "crash": packages.check_providers(CRASHED),
    "no CPU": packages.check_providers(Probe(0, "CUDAExecutionProvider", "")),
    "numpy 2": combinations.check_combinations(
        {"numpy": "2.0", "onnxruntime": "1.16"}, ("onnxruntime",), board=True
    ),
    "damaged models": bundles.check_bundles(Probe(0, '{"a": ["wrong hash"]}', ""), "a"),
    "no default": bundles.check_bundles(Probe(0, "{}", ""), "a"),
    "models": bundles.check_bundles(CRASHED, "a"),
    "failed": bundles.check_run(CRASHED),
    "not tried": bundles.not_tried("upscaling"),
    "provider": accelerators.check_loading({"CUDAExecutionProvider": CRASHED}, jetson=True),
    "TensorRT": accelerators.check_tensorrt(CRASHED, of_system=True, jetson=True),
    "CuPy": accelerators.check_cupy(CRASHED, package=None, jetson=True),
    "Pillow": media.check_pictures(Probe(0, "jpg", "")),
    "PyAV": media.check_av(CRASHED),
    "no H.264": media.check_av(Probe(0, "12.0.0", "")),
    "OpenCV": media.check_opencv(CRASHED, package=None, of_pip=True, jetson=False),
    "hidden OpenCV": media.check_opencv(
        Probe(0, "4.9 without /x", ""), package="p", of_pip=True, jetson=True
    ),
    "processor": board.check_system(PI, "armv7l"),
    "vectors": machine.check_cpu(1, "flags : fpu sse2\n"),
    "clocks": board.check_clocks(JETSON, SLOW),
    "power mode": board.check_power_mode(SLOW),
    "throttled": board.check_throttling(PI, SLOW),
    "not asked": board.check_throttling(PI, Conditions()),
    "power": board.check_power(JETSON, None),
    "memory": machine.check_memory("MemAvailable:    1000 kB\n"),
    "cache": machine.check_cache(Path("/c/pcsr-edge"), Path("/c")),
}


@pytest.mark.parametrize("finding", WRONG.values(), ids=WRONG)
def test_one_command_or_none(finding):
    assert finding.level != OK
    assert (finding.mend is None) == (NO_COMMAND in finding.text)
