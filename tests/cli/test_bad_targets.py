"""Targets that cannot or must not be written: one sentence, and what is there stays as it is."""

from __future__ import annotations

import os

import pytest
from support.sentences import assert_one_sentence


def test_output_equals_input(cli, tiny_bundle, save, files):
    source = save("in.png")
    before = source.read_bytes()
    ran = cli("upscale", source, source, "-m", tiny_bundle, "--overwrite")
    assert ran.code == 2
    assert_one_sentence(ran.err)
    assert source.read_bytes() == before
    assert files() == ["in.png"]


@pytest.mark.parametrize("target", ["in.png", "out.png"])
def test_class_map_equals_input_or_output(target, cli, tiny_bundle, save, tmp_path):
    source = save("in.png")
    before = source.read_bytes()
    ran = cli(
        *("upscale", source, tmp_path / "out.png", "-m", tiny_bundle),
        *("--class-map", tmp_path / target, "--overwrite"),
    )
    assert ran.code == 2
    assert source.read_bytes() == before


def test_one_class_map_for_two_pictures(cli, tiny_bundle, save, tmp_path):
    inputs = ("-i", save("a.png"), "-i", save("b.png"), "-o", tmp_path / "out")
    ran = cli("upscale", *inputs, "-m", tiny_bundle, "--class-map", tmp_path / "map.png")
    assert ran.code == 2


def test_existing_output(cli, tiny_bundle, save, tmp_path):
    target = save("out.png")
    before = target.read_bytes()
    ran = cli("upscale", save("in.png"), target, "-m", tiny_bundle)
    assert ran.code == 1
    assert_one_sentence(ran.err)
    assert target.read_bytes() == before


def test_unwritable_output(cli, tiny_bundle, save, tmp_path, files):
    (tmp_path / "file").touch()
    ran = cli("upscale", save("in.png"), tmp_path / "file" / "out.png", "-m", tiny_bundle)
    assert ran.code == 1
    assert_one_sentence(ran.err)
    assert f"{tmp_path / 'file'} is no folder" in ran.err
    assert files() == ["file", "in.png"]


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere"
)
def test_write_protected_folder(cli, tiny_bundle, save, tmp_path):
    (tmp_path / "locked").mkdir(mode=0o555)
    ran = cli("upscale", save("in.png"), tmp_path / "locked" / "out.png", "-m", tiny_bundle)
    assert ran.code == 1
    assert_one_sentence(ran.err)


def test_transparency_into_jpeg(cli, tiny_bundle, save, tmp_path, files):
    ran = cli("upscale", save("in.png", mode="RGBA"), tmp_path / "out.jpg", "-m", tiny_bundle, "-q")
    assert ran.code == 1
    assert_one_sentence(ran.err)
    assert files() == ["in.png"]


def test_a_name_longer_than_the_system_allows(cli, tiny_bundle, save, tmp_path, files):
    target = tmp_path.joinpath(*["d" * 100] * 60, "out.png")
    ran = cli("upscale", save("in.png"), target, "-m", tiny_bundle)
    assert ran.code == 1
    assert "cannot be written: File name too long" in ran.err
    assert files() == ["in.png"]
    assert list(tmp_path.iterdir()) == [tmp_path / "in.png"]
