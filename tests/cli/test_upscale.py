"""`pcsr-edge upscale`: what is read, written and said."""

from __future__ import annotations

import json
import signal
import sys

import numpy as np
import pytest
from PIL import Image
from support.picture_files import deep_png

from pcsr_edge.cli import loading
from pcsr_edge.cli.batch import Batch
from pcsr_edge.cli.class_map import palette
from pcsr_edge.cli.main import command_parser, find_command
from pcsr_edge.cli.upscale import paths_of
from pcsr_edge.runtime.images import read_picture
from pcsr_edge.runtime.upscaler import Upscaler


@pytest.fixture
def upscale(cli, tiny_bundle):
    """Return a function that runs `upscale` with the tiny model."""

    def run(*arguments):
        return cli("upscale", "-m", tiny_bundle, *arguments)

    return run


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


def test_one_failure_does_not_stop_the_others(upscale, save, tmp_path, files):
    save("in/a.png")
    (tmp_path / "in" / "bad.png").write_text("no picture")
    save("in/c.png")
    ran = upscale(tmp_path / "in", "-o", tmp_path / "out")
    assert ran.code == 1
    assert [f for f in files() if f.startswith("out")] == ["out/a.png", "out/c.png"]
    assert ran.err.count("pcsr-edge: error:") == 1
    assert "2 pictures done, 1 failed" in ran.out


def test_existing_outputs_stop_everything_before_it_begins(upscale, save, tmp_path):
    save("in/a.png")
    save("in/b.png")
    kept = save("out/b.png")
    before = kept.read_bytes()
    ran = upscale(tmp_path / "in", "-o", tmp_path / "out")
    assert ran.code == 1
    assert "--skip-existing" in ran.err
    assert not (tmp_path / "out" / "a.png").exists()
    assert kept.read_bytes() == before


def test_overwrite_replaces(upscale, save, tmp_path):
    save("out.png")
    assert upscale(save("in.png"), tmp_path / "out.png", "--overwrite").code == 0
    assert size(tmp_path / "out.png") == (48, 40)


def test_skip_existing_does_the_rest(upscale, save, tmp_path):
    save("in/a.png")
    save("in/b.png")
    before = save("out/b.png").read_bytes()
    ran = upscale(tmp_path / "in", "-o", tmp_path / "out", "--skip-existing")
    assert ran.code == 0
    assert "1 picture done, 1 skipped" in ran.out
    assert (tmp_path / "out" / "b.png").read_bytes() == before


def test_dry_run_writes_nothing(upscale, save, tmp_path, files):
    ran = upscale(save("in.png"), tmp_path / "out.png", "--dry-run")
    assert ran.code == 0
    assert "12x10" in ran.out
    assert "48x40" in ran.out
    assert files() == ["in.png"]


def test_dry_run_finds_damaged_pictures(upscale, tmp_path):
    (tmp_path / "in.png").write_text("no picture")
    ran = upscale(tmp_path / "in.png", tmp_path / "out.png", "--dry-run")
    assert ran.code == 1
    assert "1 would fail" in ran.out


def test_json_is_all_that_stdout_holds(upscale, save, tmp_path):
    ran = upscale(save("in.png"), tmp_path / "out.png", "--json")
    document = json.loads(ran.out)
    assert next(iter(document)) == "schema_version"
    assert document["backend"] == "onnxruntime-cpu"
    assert document["summary"]["done"] == 1


def test_json_describes_each_file(upscale, save, tmp_path):
    (tmp_path / "bad.png").write_text("no picture")
    source = save("in.png")
    ran = upscale("-i", source, "-i", tmp_path / "bad.png", "-o", tmp_path / "out", "--json")
    good, bad = json.loads(ran.out)["files"]
    assert good["status"] == "done"
    assert good["output_size"] == {"width": 48, "height": 40}
    assert sum(good["class_fractions"]) == pytest.approx(1)
    assert {"read", "upscale", "write"} == set(good["times_ms"])
    assert "backbone" in good["stages_ms"]
    assert bad["status"] == "failed"
    assert "bad.png" in bad["message"]


def test_quiet_says_nothing(upscale, save, tmp_path):
    ran = upscale(save("in.png"), tmp_path / "out.png", "-q")
    assert (ran.code, ran.out, ran.err) == (0, "", "")


def test_verbose_tells_of_each_picture(upscale, save, tmp_path):
    save("in/a.png")
    save("in/b.png")
    ran = upscale(tmp_path / "in", "-o", tmp_path / "out", "-v")
    assert "a.png 12x10 -> " in ran.err
    assert "b.png 12x10 -> " in ran.err


def test_verbose_tells_of_a_lone_picture_once(upscale, save, tmp_path):
    ran = upscale(save("in.png"), tmp_path / "out.png", "-v")
    assert (ran.out + ran.err).count("in.png 12x10 -> ") == 1


def test_what_is_not_kept_is_a_warning(upscale, save, tmp_path):
    ran = upscale(save("in.jpg", mode="CMYK"), tmp_path / "out.png")
    assert ran.code == 0
    assert "warning: " in ran.err
    assert "CMYK" in ran.err


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


def test_interrupt_keeps_what_is_done(upscale, save, tmp_path, files, monkeypatch):
    save("in/a.png", 13)
    save("in/b.png", 17)
    whole = Upscaler.run

    def interrupted(self, image, **options):
        if image.shape[1] == 17:
            raise KeyboardInterrupt
        return whole(self, image, **options)

    monkeypatch.setattr(Upscaler, "run", interrupted)
    ran = upscale(tmp_path / "in", "-o", tmp_path / "out", "--json")
    assert ran.code == 130
    assert json.loads(ran.out)["interrupted"] is True
    assert files() == ["in/a.png", "in/b.png", "out/a.png"]


def test_too_little_memory_is_one_failure(upscale, save, tmp_path, monkeypatch):
    whole = Upscaler.run

    def starved(self, image, **options):
        if image.shape[1] == 12:
            raise MemoryError
        return whole(self, image, **options)

    monkeypatch.setattr(Upscaler, "run", starved)
    ran = upscale(save("in.png"), tmp_path / "out.png")
    assert ran.code == 1
    assert "smaller scale or size" in ran.err


def test_threads_come_from_the_environment(upscale, save, tmp_path, monkeypatch):
    monkeypatch.setenv("PCSR_EDGE_THREADS", "1")
    ran = upscale(save("in.png"), tmp_path / "out.png", "--json")
    assert json.loads(ran.out)["threads"] == 1


def test_device_comes_from_the_environment(upscale, save, tmp_path, monkeypatch):
    monkeypatch.setenv("PCSR_EDGE_DEVICE", "trt")
    assert upscale(save("in.png"), tmp_path / "out.png").code == 3


@pytest.mark.parametrize("device", [["-d", "cuda"], ["--device", "trt:0"], ["-g", "0"]])
def test_device_that_is_not_there_is_never_replaced(device, upscale, save, tmp_path, files):
    ran = upscale(save("in.png"), tmp_path / "out.png", *device)
    assert ran.code == 3
    assert files() == ["in.png"]


@pytest.mark.parametrize(
    ("scale", "name"),
    [
        (2.0, "pcsr-fsrcnn-x2"),
        (4.0, "pcsr-fsrcnn-x4"),
        (3.0, "pcsr-fsrcnn-x4"),
        (None, "pcsr-fsrcnn-x4"),
    ],
)
def test_model_is_the_one_trained_for_the_scale(scale, name, monkeypatch):
    shipped = {"pcsr-carn-x2": 2, "pcsr-fsrcnn-x2": 2, "pcsr-fsrcnn-x4": 4}
    monkeypatch.setattr(loading, "_shipped_scales", lambda: shipped)
    assert loading.model_for_scale(scale) == name


def test_a_lone_failure_says_one_sentence(cli, tiny_bundle, tmp_path):
    done = cli("upscale", "-m", str(tiny_bundle), str(tmp_path / "gone.png"))
    assert done.code == 1
    assert done.out == ""
    assert len(done.err.strip().splitlines()) == 1


def test_skip_existing_makes_only_the_missing_map(upscale, save, tmp_path):
    source, target, classes = save("a.png"), tmp_path / "b.png", tmp_path / "c.png"
    target.write_bytes(b"kept")
    options = ["--skip-existing", "--class-map", str(classes)]
    assert upscale(str(source), str(target), *options).code == 0
    assert target.read_bytes() == b"kept"
    assert classes.exists()


def test_skip_existing_makes_only_the_missing_picture(upscale, save, tmp_path):
    source, target, classes = save("a.png"), tmp_path / "b.png", tmp_path / "c.png"
    classes.write_bytes(b"kept")
    options = ["--skip-existing", "--class-map", str(classes)]
    assert upscale(str(source), str(target), *options).code == 0
    assert classes.read_bytes() == b"kept"
    assert target.exists()


@pytest.mark.parametrize("arguments", [["-", "out.png"], ["a.png", "-"], ["a.png", "-o", "-"]])
def test_pipes_are_refused(upscale, save, tmp_path, arguments):
    save("a.png")
    assert upscale(*arguments).code == 2
    assert not (tmp_path / "-").exists()


def test_a_second_run_in_another_format_leaves_the_first_results_out(cli, save, tiny_bundle, files):
    folder = save("p/x.png").parent
    assert cli("upscale", folder, "-m", tiny_bundle).code == 0
    ran = cli("upscale", folder, "-m", tiny_bundle, "-f", "jpg")
    assert ran.code == 0
    assert files() == ["p/x.png", "p/x_x4.jpg", "p/x_x4.png"]
    assert "1 result of earlier runs" in ran.err
    assert "x_x4.png" in ran.err


def test_a_second_run_says_nothing_of_results_that_it_replaces(cli, save, tiny_bundle, files):
    folder = save("p/x.png").parent
    arguments = ("upscale", folder, "-m", tiny_bundle, "--class-map", folder, "--overwrite")
    for _ in range(2):
        ran = cli(*arguments)
        assert (ran.code, ran.err) == (0, "")
    assert files() == ["p/x.png", "p/x_x4.png", "p/x_x4_classes.png"]


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


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGINT to send")
def test_ctrl_c_stops_the_engine(cli, save, tiny_bundle, tmp_path, monkeypatch):
    stopped = []
    monkeypatch.setattr(Upscaler, "cancel", lambda _: stopped.append(True))
    monkeypatch.setattr(Batch, "run", lambda self, progress: signal.raise_signal(signal.SIGINT))
    ran = cli("upscale", save("in.png"), tmp_path / "out.png", "-m", tiny_bundle, "--json")
    assert (ran.code, len(stopped)) == (130, 1)
    assert json.loads(ran.out)["interrupted"]
