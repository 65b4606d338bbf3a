"""A stdout or stderr that takes nothing is one sentence or silence, never a traceback."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src"
EXPORT = Path(__file__).parents[2] / "export" / "export.py"
COMMANDS = ("models --json", "models pcsr-fsrcnn-x4", "doctor", "--version", "upscale --help")

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")
needs_a_full_device = pytest.mark.skipif(
    not Path("/dev/full").exists(), reason="no /dev/full on this system"
)


def start(command, redirection, **environment):
    return subprocess.run(
        ["sh", "-c", f"{shlex.quote(sys.executable)} {command} {redirection}"],
        env={**os.environ, "PYTHONPATH": str(SOURCE), **environment},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@needs_a_full_device
@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_full_disk_is_one_sentence(command, unbuffered):
    done = start(f"-m pcsr_edge {command}", "> /dev/full", PYTHONUNBUFFERED=unbuffered)
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert "No space left on device" in done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_a_closed_stdout_is_one_sentence(command):
    done = start(f"-m pcsr_edge {command}", ">&-")
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert "stdout is closed" in done.stderr


def test_without_a_result_a_closed_stdout_does_no_harm(save, tiny_bundle, tmp_path):
    target = tmp_path / "out.png"
    done = start(f"-m pcsr_edge upscale {save('in.png')} {target} -m {tiny_bundle} -q", ">&- 2>&-")
    assert done.returncode == 0
    assert target.exists()


@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full"])
def test_messages_without_a_stderr_do_not_get_into_the_result(redirection, save, tmp_path):
    if "full" in redirection and not Path("/dev/full").exists():
        pytest.skip("no /dev/full on this system")
    done = start(f"-m pcsr_edge upscale {save('a.png')} {tmp_path / 'b.xyz'}/c.gif", redirection)
    assert (done.returncode, done.stdout) == (2, "")


def test_a_name_that_is_no_text_can_be_reported(cli, save, tiny_bundle, tmp_path):
    source = save("in.png").rename(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.png"))
    done = start(f"-m pcsr_edge upscale {source} {tmp_path}/b.png -m {tiny_bundle} --json", "")
    assert done.returncode == 0
    assert json.loads(done.stdout)["files"][0]["source"] == str(source)


@needs_a_full_device
def test_a_full_disk_of_the_export_script(tmp_path):
    pytest.importorskip("torch")
    pytest.importorskip("onnx")
    checkpoint = Path(__file__).parents[2] / "checkpoints" / "plain-s-x4.pth"
    command = f"{EXPORT} {checkpoint} -o {tmp_path / 'bundle'} --no-verify --precision fp32"
    done = start(command, "> /dev/full")
    assert done.returncode == 1
    assert done.stderr.startswith("error: the result cannot be written to stdout: No space left")


def test_no_file_takes_the_place_of_a_closed_stream():
    code = "import os, sys; from pcsr_edge import __main__ as m; m._open_closed_streams(); "
    code += "print(os.open(os.devnull, os.O_RDONLY), file=sys.stderr)"
    done = start(f"-c {shlex.quote(code)}", "<&- >&-")
    assert int(done.stderr) > 2


def test_a_failure_is_said_once_where_stdout_is_closed():
    done = start("-m pcsr_edge models nothing-of-this-name --json", ">&-")
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
