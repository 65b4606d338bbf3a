"""Checks of the machine, on recorded samples."""

from __future__ import annotations

from pathlib import Path

from pcsr_edge.cli.health import machine
from pcsr_edge.cli.health.finding import OK, WARNING

X86 = "processor\t: 0\nflags\t\t: fpu sse2 avx2 fma avx512f\n"
PI_4 = "processor\t: 0\nBogoMIPS\t: 108.00\nFeatures\t: fp asimd evtstrm crc32 cpuid\n"
MEMORY = "MemTotal:        3884416 kB\nMemFree:          120000 kB\nMemAvailable:    {} kB\n"


def test_x86_features():
    assert machine.check_cpu(8, X86) == ("cpu", OK, "8 threads, avx512f avx2 fma", None)


def test_raspberry_pi_features():
    assert machine.check_cpu(4, PI_4).text == "4 threads, asimd"


def test_processor_without_vectors_is_slow():
    assert machine.check_cpu(1, "flags : fpu sse2\n").level == WARNING


def test_unknown_processor_is_said():
    assert machine.check_cpu(1, "").text == "1 thread, features unknown"


def test_free_memory():
    assert machine.check_memory(MEMORY.format(3 * 2**20)).text == "3.0 GiB free"


def test_little_memory_is_a_warning():
    assert machine.check_memory(MEMORY.format(200 * 2**10)).level == WARNING


def test_unknown_memory_is_said():
    assert machine.check_memory("").text == "free memory unknown"


def test_folder_below_a_writable_one_is_not_blocked(tmp_path):
    assert machine.blocking_folder(tmp_path / "not" / "made" / "yet") is None


def test_file_in_the_way_blocks(tmp_path):
    (tmp_path / "file").touch()
    assert machine.blocking_folder(tmp_path / "file" / "cache") == tmp_path / "file"


def test_blocked_cache_is_a_warning():
    found = machine.check_cache(Path("/c/pcsr-edge"), Path("/c"))
    # It comes before XDG_CACHE_HOME, so it mends whatever was set.
    assert (found.level, "PCSR_EDGE_CACHE" in found.mend) == (WARNING, True)


def test_missing_file_of_proc_is_empty(tmp_path):
    assert machine.read_text(str(tmp_path / "cpuinfo")) == ""
