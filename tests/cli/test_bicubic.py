"""The command line with the model `bicubic`."""

from __future__ import annotations

import numpy as np
from PIL import Image

from pcsr_edge.runtime.bicubic import resize


def pixels(path):
    with Image.open(path) as picture:
        return np.asarray(picture)


def test_a_picture_is_enlarged(save, tmp_path, cli):
    source, target = save("in.png"), tmp_path / "out.png"
    ran = cli("upscale", source, target, "-n", "bicubic", "-s", "2.5")
    assert ran.code == 0, ran.err
    assert "bicubic on numpy" in ran.out
    expected = resize(pixels(source), (25, 30))
    assert np.array_equal(pixels(target), expected)


def test_an_exact_size_is_made(save, tmp_path, cli):
    target = tmp_path / "out.png"
    assert cli("upscale", save("in.png"), target, "-n", "bicubic", "--size", "31x7").code == 0
    with Image.open(target) as result:
        assert result.size == (31, 7)


def test_a_scale_is_asked_for(save, tmp_path, cli):
    ran = cli("upscale", save("in.png"), tmp_path / "out.png", "-n", "bicubic")
    assert ran.code == 2
    assert "name one with --scale" in ran.err


def test_k_is_refused(save, tmp_path, cli):
    arguments = ("-n", "bicubic", "-s", "2", "--k", "1")
    ran = cli("upscale", save("in.png"), tmp_path / "out.png", *arguments)
    assert ran.code == 2
    assert "k makes no sense" in ran.err


def test_the_list_says_at_which_scale_it_was_measured(cli):
    (line,) = (line for line in cli("models").out.splitlines() if line.startswith("bicubic"))
    assert line.split()[:3] == ["bicubic", "bicubic", "any"]
    assert line.endswith("Set5 Y x4 28.43 dB")


def test_details_say_that_no_graph_is_needed(cli):
    ran = cli("models", "bicubic")
    assert ran.code == 0
    assert "none needed" in ran.out
    assert "FLOPs" not in ran.out


def test_it_can_be_evaluated(save, tmp_path, cli):
    save("hr/a.png", 32, 32)
    ran = cli("evaluate", tmp_path / "hr", "-n", "bicubic", "--bicubic", "-s", "2")
    assert ran.code == 0, ran.err
    first, second = ran.out.splitlines()[-2:]
    assert first.split()[3:5] == second.split()[3:5]
