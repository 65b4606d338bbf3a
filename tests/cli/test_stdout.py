"""A stdout that cannot be written is one sentence, never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src"


def start(redirection: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    command = f'"{sys.executable}" -m pcsr_edge models --json {redirection}'
    return subprocess.run(
        ["sh", "-c", command],
        env=environment,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_full_disk_is_one_sentence() -> None:
    done = start("> /dev/full")
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_closed_stdout_has_no_traceback() -> None:
    done = start(">&-")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
