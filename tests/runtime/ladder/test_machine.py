"""What costs depend on."""

from __future__ import annotations

from pathlib import Path

import pytest

from pcsr_edge.runtime.ladder.machine import cpu_model, describe_machine

CPUINFO = {
    "x86": ("processor\t: 0\nmodel name\t: AMD EPYC 7B13\nmodel name\t: AMD EPYC 7B13\n", ""),
    "xavier": ("model name\t: ARMv8 Processor rev 0 (v8l)\n", "Jetson-AGX\0"),
    "pi": ("Hardware\t: BCM2835\n", "Raspberry Pi 4 Model B Rev 1.4\0"),
}
EXPECTED = {
    "x86": "AMD EPYC 7B13, ",
    "xavier": "Jetson-AGX, ARMv8 Processor rev 0 (v8l), ",
    "pi": "Raspberry Pi 4 Model B Rev 1.4, ",
}


@pytest.mark.parametrize("name", CPUINFO)
def test_board_and_processor_are_named(tmp_path: Path, name: str) -> None:
    cpuinfo, model = tmp_path / "cpuinfo", tmp_path / "model"
    cpuinfo.write_text(CPUINFO[name][0])
    if CPUINFO[name][1]:
        model.write_text(CPUINFO[name][1])
    assert cpu_model(cpuinfo, model).startswith(EXPECTED[name])


def test_without_those_files_the_architecture_is_left(tmp_path: Path) -> None:
    name = cpu_model(tmp_path / "none", tmp_path / "none")
    assert name
    assert ", " not in name


def test_threads_and_versions_count() -> None:
    machine = describe_machine(2, "fake")
    assert (machine["threads"], machine["backend"]) == ("2", "fake")
    assert machine["onnxruntime"] != "none"
    assert machine != describe_machine(1, "fake")
