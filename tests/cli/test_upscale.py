"""`pcsr-edge upscale`: what is read and written."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from support.picture_files import deep_png

from pcsr_edge.cli.class_map import palette
from pcsr_edge.cli.main import command_parser, find_command
from pcsr_edge.cli.upscale import paths_of
from pcsr_edge.runtime.images import read_picture
from pcsr_edge.runtime.upscaler import Upscaler


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image)


def size(path):
    with Image.open(path) as image:
        return image.size


def test_second_positional_is_the_output(upscale, save, tmp_path):
    assert upscale(save("in.png"), tmp_path / "out.png").code == 0
    assert size(tmp_path / "out.png") == (48, 40)


def test_options_may_stand_between_positionals(upscale, save, tmp_path):
    assert upscale(save("in.png"), "-s", "2", tmp_path / "out.png").code == 0
    assert size(tmp_path / "out.png") == (24, 20)


def test_without_output_the_result_lies_beside_the_input(upscale, save, files):
    upscale(save("in.jpg"))
    assert files() == ["in.jpg", "in_x4.jpg"]


def test_input_and_output_options(upscale, save, tmp_path):
    assert upscale("-i", save("in.png"), "-o", tmp_path / "out.webp").code == 0
    assert size(tmp_path / "out.webp") == (48, 40)


def test_folder_is_mirrored(upscale, save, tmp_path, files):
    save("in/a.png")
    save("in/deep/b.png")
    upscale(tmp_path / "in", "-o", tmp_path / "out")
    assert files() == ["in/a.png", "in/deep/b.png", "out/a.png", "out/deep/b.png"]


def test_quoted_pattern(upscale, save, tmp_path, files):
    save("a.png")
    save("b.jpg")
    upscale(tmp_path / "*.png", "-o", tmp_path / "out", "-f", "webp")
    assert files() == ["a.png", "b.jpg", "out/a.webp"]


def test_free_scale(upscale, save, tmp_path):
    upscale(save("in.png"), tmp_path / "out.png", "--scale", "2.5")
    assert size(tmp_path / "out.png") == (30, 25)


def test_size_is_width_by_height(upscale, save, tmp_path):
    upscale(save("in.png"), tmp_path / "out.png", "--size", "37x21")
    assert size(tmp_path / "out.png") == (37, 21)


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
def test_gray_and_alpha_are_kept(mode, upscale, save, tmp_path):
    upscale(save("in.png", mode=mode), tmp_path / "out.png")
    with Image.open(tmp_path / "out.png") as image:
        assert image.mode == mode


def test_sixteen_bits_are_kept(upscale, tmp_path):
    rng = np.random.default_rng(1)
    noise = rng.integers(0, 2**16, (10, 12), dtype=np.uint16)
    Image.fromarray(noise).save(tmp_path / "in.png")
    upscale(tmp_path / "in.png", tmp_path / "out.png")
    assert pixels(tmp_path / "out.png").max() > 255


def test_tiles_do_not_change_the_result(upscale, save, tmp_path):
    source = save("in.png", 40, 30)
    upscale(source, tmp_path / "whole.png", "-t", "off")
    upscale(source, tmp_path / "tiles.png", "-t", "16")
    assert np.array_equal(pixels(tmp_path / "whole.png"), pixels(tmp_path / "tiles.png"))


def test_class_map_is_painted_with_the_palette(upscale, save, tmp_path):
    upscale(save("in.png", 24, 24), tmp_path / "out.png", "--class-map", tmp_path / "map.png")
    colours = {tuple(c) for c in pixels(tmp_path / "map.png").reshape(-1, 3)}
    assert colours == {tuple(c) for c in palette(2)}


def test_forced_class_fills_the_class_map(upscale, save, tmp_path):
    target, place = tmp_path / "out.png", tmp_path / "map.png"
    upscale(save("in.png"), target, "--class", "0", "--class-map", place)
    assert (pixels(place) == palette(2)[0]).all()


def test_class_maps_of_a_folder_mirror_it(upscale, save, tmp_path, files):
    save("in/a.png")
    save("in/deep/a.png")
    upscale(tmp_path / "in", "-o", tmp_path / "out", "--class-map", tmp_path / "maps")
    assert [f for f in files() if f.startswith("maps")] == [
        "maps/a_classes.png",
        "maps/deep/a_classes.png",
    ]


def test_class_maps_of_like_names_stay_apart(upscale, save, tmp_path, files):
    save("in/a.png")
    save("in/a.jpg")
    upscale(tmp_path / "in", "-o", tmp_path / "out", "--class-map", tmp_path / "maps")
    assert [f for f in files() if f.startswith("maps")] == [
        "maps/a_jpg_classes.png",
        "maps/a_png_classes.png",
    ]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["a"], (["a"], None)),
        (["a", "b"], (["a"], "b")),
        (["a", "b", "-o", "c"], (["a", "b"], "c")),
        (["-i", "a"], (["a"], None)),
        (["-i", "a", "-i", "b"], (["a", "b"], None)),
        (["-i", "a", "b"], (["a"], "b")),
        (["a", "-i", "b", "-o", "c"], (["a", "b"], "c")),
    ],
)
def test_which_path_is_the_output(arguments, expected):
    args = command_parser(find_command("upscale")).parse_intermixed_args(arguments)
    assert paths_of(args) == expected


@pytest.mark.parametrize(
    "arguments", [[], ["a", "b", "c"], ["a", "b", "-i", "c"], ["a", "-i", "b", "-i", "c"]]
)
def test_paths_that_leave_the_output_unclear(arguments, cli):
    assert cli("upscale", *arguments).code == 2


@pytest.mark.parametrize("arguments", [["-", "out.png"], ["a.png", "-"], ["a.png", "-o", "-"]])
def test_pipes_are_refused(upscale, save, tmp_path, arguments):
    save("a.png")
    assert upscale(*arguments).code == 2
    assert not (tmp_path / "-").exists()


def test_a_name_with_a_leading_hyphen(cli, save, tiny_bundle, files, monkeypatch, tmp_path):
    save("-in.png")
    monkeypatch.chdir(tmp_path)
    assert cli("upscale", "-m", tiny_bundle, "--", "-in.png", "-out.png").code == 0
    assert files() == ["-in.png", "-out.png"]


def test_deep_gray_is_rounded_once(cli, tiny_bundle, tmp_path):
    gray = np.random.default_rng(0).integers(0, 65536, (9, 11, 1)).astype(np.uint16)
    (tmp_path / "in.png").write_bytes(deep_png(gray))
    cli("upscale", tmp_path / "in.png", tmp_path / "out.png", "-m", tiny_bundle)
    unit = np.repeat(gray, 3, axis=2).astype(np.float32) / np.float32(65535)
    with Upscaler.load(tiny_bundle) as upscaler:
        exact = upscaler(unit).mean(axis=2, dtype=np.float64) * 65535
    result = read_picture(tmp_path / "out.png").rgb[..., 0]
    assert np.abs(result - exact).max() < 0.51
