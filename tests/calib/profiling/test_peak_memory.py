"""Peak memory, on files that stand for Linux's."""

from __future__ import annotations

from pathlib import Path

from pcsr_edge.calib.profiling import PeakMemory


def test_peak_is_read(tmp_path: Path) -> None:
    status = tmp_path / "status"
    status.write_text("VmPeak:\t  900 kB\nVmHWM:\t     512 kB\nVmRSS:\t 300 kB\n")
    assert PeakMemory(status).peak_bytes() == 512 * 1024


def test_peak_starts_anew(tmp_path: Path) -> None:
    clear = tmp_path / "clear_refs"
    assert PeakMemory(clear=clear).reset()
    assert clear.read_text() == "5"


def test_without_the_files_nothing_is_known(tmp_path: Path) -> None:
    memory = PeakMemory(tmp_path / "none", tmp_path / "no" / "folder")
    assert memory.peak_bytes() is None
    assert not memory.reset()


def test_a_file_that_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "status").write_text("Name: python\n")
    assert PeakMemory(tmp_path / "status").peak_bytes() is None
