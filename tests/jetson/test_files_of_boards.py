"""Container files and the systemd unit: what they name is there."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess

import pytest
from support.tree import ROOT

from pcsr_edge.cli.main import command_parser, find_command

DOCKERFILES = sorted((ROOT / "jetson" / "docker").glob("*.Dockerfile"))
UNIT = ROOT / "jetson" / "systemd" / "pcsr-edge-camera.service"


def test_every_jetpack_has_an_image():
    assert [path.name[:8] for path in DOCKERFILES] == ["jetpack5", "jetpack6", "jetpack7"]


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: path.stem)
def test_image_is_nvidias_and_pinned(path):
    (base,) = re.findall(r"^ARG BASE=(\S+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert re.fullmatch(r"nvcr\.io/nvidia/[a-z0-9-]+:(r\d|\d\d\.)\S+", base)


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: path.stem)
def test_the_page_of_the_platform_names_the_image(path):
    (base,) = re.findall(r"^ARG BASE=(\S+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    page = "jetpack-5.md" if path.stem == "jetpack5" else "jetpack-6-7.md"
    text = (ROOT / "docs" / "platforms" / page).read_text(encoding="utf-8")
    assert base in text
    assert "**Never built.**" in text


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: path.stem)
def test_file_and_page_name_the_options_to_run_it_with(path):
    page = "jetpack-5.md" if path.stem == "jetpack5" else "jetpack-6-7.md"
    for file in (path, ROOT / "docs" / "platforms" / page):
        words = " ".join(file.read_text(encoding="utf-8").split())
        assert '--user "$(id -u):$(id -g)"' in words
        assert "--group-add video" in words


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: path.stem)
def test_whoever_runs_the_image_may_write_to_the_cache(path):
    text = path.read_text(encoding="utf-8")
    assert "chmod 1777 /cache" in text
    assert "ENV PCSR_EDGE_CACHE=/cache CUPY_CACHE_DIR=/cache/cupy\n" in text


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: path.stem)
def test_what_is_copied_is_there(path):
    copied = re.findall(r"^COPY (\S+) ", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(copied) == 2
    assert all((ROOT / name).exists() for name in copied)


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: path.stem)
def test_pins_are_those_of_the_images_python(path):
    text = path.read_text(encoding="utf-8")
    (pins,) = re.findall(r"jetson/pins/(\S+)", text)
    (version,) = set(re.findall(r"python(3\.\d+)", text))
    assert f"Python {version}," in (ROOT / "jetson/pins" / pins).read_text(encoding="utf-8")


def test_the_units_command_is_one_of_ours():
    (line,) = re.findall(r"^ExecStart=(.+)$", UNIT.read_text(encoding="utf-8"), re.MULTILINE)
    program, command, *arguments = shlex.split(line)
    values = {"${CAMERA}": "/dev/video0", "${OUTPUT}": "display://0", "${RATE}": "30"}
    args = command_parser(find_command(command)).parse([values.get(a, a) for a in arguments])
    assert program.endswith("/bin/pcsr-edge")
    assert (args.paths, args.fps) == (["/dev/video0", "display://0"], 30)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_systemd_reads_the_unit(tmp_path):
    text = UNIT.read_text(encoding="utf-8").replace(
        "%h/.local/share/pcsr-edge/env/bin/pcsr-edge", "/bin/true"
    )
    (tmp_path / UNIT.name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--user", str(tmp_path / UNIT.name)],
        capture_output=True,
        encoding="utf-8",
        check=False,
        env={"PATH": os.defpath, "XDG_RUNTIME_DIR": str(tmp_path)},
    )
    assert (done.returncode, done.stderr) == (0, "")
