"""What costs depend on."""

from __future__ import annotations

from pathlib import Path

import pytest

from pcsr_edge.runtime.ladder import machine
from pcsr_edge.runtime.ladder.machine import cpu_model, describe_machine, power_mode

CPUINFO = {
    "x86": ("processor\t: 0\nmodel name\t: AMD EPYC 7B13\nmodel name\t: AMD EPYC 7B13\n", ""),
    "xavier": ("model name\t: ARMv8 Processor rev 0 (v8l)\n", "Jetson-AGX\0"),
    "pi in Docker": ("Model\t\t: Raspberry Pi 5 Model B Rev 1.0\n", ""),
    "pi": ("Hardware\t: BCM2835\n", "Raspberry Pi 4 Model B Rev 1.4\0"),
}
EXPECTED = {
    "x86": "AMD EPYC 7B13, ",
    "xavier": "Jetson-AGX, ARMv8 Processor rev 0 (v8l), ",
    "pi in Docker": "Raspberry Pi 5 Model B Rev 1.0, ",
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
    described = describe_machine(2, "fake")
    assert (described["threads"], described["backend"]) == ("2", "fake")
    assert described["onnxruntime"] != "none"
    assert described != describe_machine(1, "fake")


@pytest.mark.parametrize(
    ("text", "mode"),
    [("pmode:0002\n", "2"), ("pmode:0000", "0"), ("", None), ("pmode:", None), ("fmode:1", None)],
)
def test_power_mode(tmp_path: Path, text: str, mode: str | None) -> None:
    (tmp_path / "status").write_text(text)
    assert power_mode(tmp_path / "status") == mode


def test_another_power_mode_is_another_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    described = []
    for mode in (None, "0", "2"):
        monkeypatch.setattr(machine, "power_mode", lambda mode=mode: mode)
        described.append(describe_machine(1, "fake"))
    assert "power mode" not in described[0]
    assert [found["power mode"] for found in described[1:]] == ["0", "2"]
