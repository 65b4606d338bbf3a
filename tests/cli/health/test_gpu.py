"""Checks of what needs an NVIDIA GPU."""

from __future__ import annotations

from pcsr_edge.cli.health.finding import OK, WARNING
from pcsr_edge.cli.health.gpu import NOT_THERE, check_device, device_code
from pcsr_edge.cli.health.probe import Probe, run_python


def test_a_device_that_opens_is_named() -> None:
    found = check_device("trt", Probe(0, "tensorrt on Xavier", ""))
    assert (found.level, found.text) == (OK, "tensorrt on Xavier")


def test_a_device_that_is_not_there_is_no_fault() -> None:
    found = check_device("cuda", Probe(NOT_THERE, "", "this build knows no CUDA; run: pip"))
    assert (found.level, found.mend) == (OK, None)
    assert found.text == "not used: this build knows no CUDA; run: pip"


def test_a_crash_is_told_with_a_way_around() -> None:
    found = check_device("trt", Probe(-11, "", ""))
    assert (found.level, found.mend) == (WARNING, "export PCSR_EDGE_DEVICE=cpu")
    assert "SIGSEGV" in found.text


def test_the_probe_tells_what_is_missing() -> None:
    # There is no TensorRT where the tests run; where there is, it opens.
    probe = run_python("import sys; sys.modules['tensorrt'] = None" + device_code("trt"))
    assert probe.code == NOT_THERE
    assert "TensorRT cannot be imported" in probe.reason()
