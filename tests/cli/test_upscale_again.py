"""`pcsr-edge upscale` where results of earlier runs lie: nothing is lost, nothing done twice."""

from __future__ import annotations

from PIL import Image


def size(path):
    with Image.open(path) as image:
        return image.size


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
