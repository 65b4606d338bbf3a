"""Bad pictures and options: one sentence, the right exit code, nothing left behind."""

from __future__ import annotations

import json
import os
import struct
import zlib

import pytest
from support.sentences import assert_one_sentence


def png(width, height, *, depth=8, body=b""):
    """Return a PNG file that claims a size and holds `body` as its pixels."""

    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, depth, 2, 0, 0, 0)
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(body)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def missing(folder, save):
    return folder / "missing.png"


def broken_link(folder, save):
    (folder / "in.png").symlink_to("nowhere.png")
    return folder / "in.png"


def empty_folder(folder, save):
    (folder / "in.png").mkdir()
    return folder / "in.png"


def empty(folder, save):
    (folder / "in.png").touch()
    return folder / "in.png"


def truncated(name):
    def make(folder, save):
        path = save(name, 64, 64)
        path.write_bytes(path.read_bytes()[:-2000])
        return path

    return make


def text(folder, save):
    (folder / "in.png").write_text("I am no picture at all.")
    return folder / "in.png"


def no_pixels(folder, save):
    (folder / "in.png").write_bytes(png(0, 10))
    return folder / "in.png"


def header_bomb(folder, save):
    (folder / "in.png").write_bytes(png(100_000, 100_000))
    return folder / "in.png"


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(missing, id="missing"),
        pytest.param(broken_link, id="broken-link"),
        pytest.param(empty_folder, id="empty-folder"),
        pytest.param(empty, id="empty-file"),
        pytest.param(truncated("in.png"), id="truncated-png"),
        pytest.param(truncated("in.jpg"), id="truncated-jpeg"),
        pytest.param(text, id="text-renamed"),
        pytest.param(no_pixels, id="no-pixels"),
        pytest.param(header_bomb, id="header-bomb"),
    ],
)
def test_unreadable_input(make, cli, tiny_bundle, save, tmp_path, files):
    source = make(tmp_path, save)
    before = files()
    ran = cli("upscale", source, tmp_path / "out.png", "-m", tiny_bundle, "-q")
    assert (ran.code, ran.out) == (1, "")
    assert_one_sentence(ran.err)
    assert source.name in ran.err
    assert files() == before


@pytest.mark.parametrize(
    ("name", "mode"), [("1-bit.png", "1"), ("palette.png", "P"), ("cmyk.jpg", "CMYK")]
)
def test_unusual_pictures_are_converted(name, mode, cli, tiny_bundle, save, tmp_path):
    ran = cli("upscale", save(name, mode=mode), tmp_path / "out.png", "-m", tiny_bundle)
    assert ran.code == 0
    assert (tmp_path / "out.png").exists()


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(["--k", "nan"], id="k-nan"),
        pytest.param(["--k", "inf"], id="k-infinite"),
        pytest.param(["--k", "-inf"], id="k-minus-infinite"),
        pytest.param(["-s", "-1e39"], id="scale-minus-1e39"),
        pytest.param(["-s", "-.5"], id="scale-minus-.5"),
        pytest.param(["--threads", "-1"], id="threads-negative"),
        pytest.param(["-s", "0"], id="scale-0"),
        pytest.param(["-s", "-2"], id="scale-negative"),
        pytest.param(["-s", "0.001"], id="result-without-pixels"),
        pytest.param(["-s", "1e307"], id="scale-huge"),
        pytest.param(["-s", "1e307", "--dry-run"], id="scale-huge-dry-run"),
        pytest.param(["--size", "99999999x99999999", "--dry-run"], id="size-huge-dry-run"),
        pytest.param(["--size", "100"], id="size-one-number"),
        pytest.param(["--size", "99999999x99999999"], id="size-huge"),
        pytest.param(["-s", "2", "--size", "10x10"], id="scale-and-size"),
        pytest.param(["-t", "1"], id="tile-below-halo"),
        pytest.param(["-t", "tiny"], id="tile-word"),
        pytest.param(["--class", "2"], id="class-unknown"),
        pytest.param(["--k", "1", "--adaptive"], id="k-and-adaptive"),
        pytest.param(["--memory-limit", "much"], id="memory-word"),
        pytest.param(["--threads", "0"], id="threads-0"),
        pytest.param(["-d", "gpu"], id="device-unknown"),
        pytest.param(["-f", "gif"], id="format-unknown"),
        pytest.param(["--overwrite", "--skip-existing"], id="overwrite-and-skip"),
        pytest.param(["--class-map", "map.jpg"], id="class-map-lossy"),
        pytest.param(["--colour"], id="option-unknown"),
        pytest.param(["-o", ""], id="output-empty"),
        pytest.param(["-i", ""], id="input-empty"),
    ],
)
def test_options_that_make_no_sense(options, cli, tiny_bundle, save, tmp_path, files):
    ran = cli("upscale", save("in.png"), tmp_path / "out.png", "-m", tiny_bundle, "-q", *options)
    assert (ran.code, ran.out) == (2, "")
    assert_one_sentence(ran.err)
    assert files() == ["in.png"]


def test_too_many_pixels(cli, tiny_bundle, save, tmp_path):
    source = save("in.png", 12, 10)
    ran = cli(
        "upscale", source, tmp_path / "out.png", "-m", tiny_bundle, "--max-pixels", "100", "-q"
    )
    assert ran.code == 1
    assert "--max-pixels" in ran.err


def test_a_file_that_is_taken_for_an_option_is_explained(cli, save, tmp_path, monkeypatch):
    save("-dash.png")
    monkeypatch.chdir(tmp_path)
    ran = cli("upscale", "-dash.png")
    assert ran.code == 2
    assert_one_sentence(ran.err)
    assert ran.err.endswith("if -dash.png is meant to be a file, write ./-dash.png\n")


def test_the_help_names_the_limit_of_pixels(cli):
    from pcsr_edge.runtime.images import MAX_PIXELS

    assert f"{MAX_PIXELS // 10**6} million" in " ".join(cli("upscale", "--help").out.split())


def test_json_is_a_document_also_where_the_command_failed(cli, tmp_path):
    ran = cli("upscale", tmp_path / "missing.png", "--json")
    assert ran.code == 1
    document = json.loads(ran.out)
    assert (document["command"], document["exit_code"]) == ("upscale", 1)
    assert document["error"] in ran.err


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes among files on this system")
def test_a_pipe_is_refused_and_not_waited_for(cli, tiny_bundle, tmp_path):
    os.mkfifo(tmp_path / "in.png")
    ran = cli("upscale", tmp_path / "in.png", tmp_path / "out.png", "-m", tiny_bundle)
    assert ran.code == 1
    assert_one_sentence(ran.err)
    assert "is a pipe or a device" in ran.err
