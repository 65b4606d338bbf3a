"""Where the result of each picture goes."""

from __future__ import annotations

from pathlib import Path
from typing import Dict, List, Optional

import pytest

from pcsr_edge.errors import UsageError
from pcsr_edge.runtime.images import plan_outputs


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, so that inputs are typed as a user types them."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def touch(*names: str) -> None:
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).touch()


def plan(inputs: List[str], output: Optional[str] = None, format: str = "auto") -> Dict[str, str]:
    jobs = plan_outputs(inputs, output, format, "_x4").jobs
    return {job.source.as_posix(): job.target.as_posix() for job in jobs}


def test_pattern_is_mirrored_below_its_fixed_part() -> None:
    touch("p/q/s/a.png")
    assert plan(["p/**/*.png"], "out") == {"p/q/s/a.png": "out/q/s/a.png"}


def test_file_of_any_suffix_becomes_a_png() -> None:
    touch("scan.dat")
    assert plan(["scan.dat"]) == {"scan.dat": "scan_x4.png"}


def test_without_output_the_result_lies_beside_the_source() -> None:
    touch("p/a.b.JPG")
    assert plan(["p/a.b.JPG"]) == {"p/a.b.JPG": "p/a.b_x4.JPG"}


@pytest.mark.parametrize(
    ("format", "target"),
    [
        ("auto", "a_x4.jpeg"),
        ("jpg", "a_x4.jpeg"),
        ("png", "a_x4.png"),
        ("webp", "a_x4.webp"),
        ("tiff", "a_x4.tiff"),
    ],
)
def test_format_gives_the_suffix(format: str, target: str) -> None:
    touch("a.jpeg")
    assert plan(["a.jpeg"], None, format) == {"a.jpeg": target}


def test_bmp_stays_bmp() -> None:
    touch("a.bmp")
    assert plan(["a.bmp"]) == {"a.bmp": "a_x4.bmp"}


def test_unknown_format() -> None:
    touch("a.png")
    with pytest.raises(UsageError, match="unknown format 'bmp'"):
        plan(["a.png"], None, "bmp")


def test_second_run_does_not_upscale_results() -> None:
    touch("p/a.png", "p/b.jpg", "p/a_x4.png", "p/c_x4.png")
    expected = {"p/a.png": "p/a_x4.png", "p/b.jpg": "p/b_x4.jpg", "p/c_x4.png": "p/c_x4_x4.png"}
    assert plan(["p"]) == expected
    assert plan(["p/*.*"]) == expected


@pytest.mark.parametrize("format", ["auto", "png", "jpg", "webp"])
@pytest.mark.parametrize("output", [None, "p"])
def test_results_of_another_format_or_scale_are_left_out(
    format: str, output: Optional[str]
) -> None:
    names = "a\nb_x4.png a_640x480.png a_x2.5.jpg a_x4.png a_x4.webp a_x4_classes.png"
    pictures = ["p/a\nb.png", "p/a.jpg", "p/s/a_x4.png"]
    results = names.split(" ")
    touch(*pictures, *(f"p/{name}" for name in results))
    found = plan_outputs(["p"], output, format, "_x4")
    assert [job.source.as_posix() for job in found.jobs] == pictures
    assert [path.as_posix() for path in found.left_out] == [f"p/{name}" for name in results]


def test_names_like_results_are_pictures_where_results_go_elsewhere() -> None:
    touch("p/a.jpg", "p/a_x4.png")
    assert list(plan(["p"], "out")) == ["p/a.jpg", "p/a_x4.png"]


def test_result_that_is_named_itself_is_upscaled() -> None:
    touch("a_x4.png")
    assert plan(["a_x4.png"]) == {"a_x4.png": "a_x4_x4.png"}


@pytest.mark.parametrize("output", ["b.png", "new/b.webp", "B.TIFF", "b.bmp"])
def test_one_file_to_one_file(output: str) -> None:
    touch("a.png")
    assert plan(["a.png"], output) == {"a.png": output}


@pytest.mark.parametrize("output", ["out", "out.png/", "results.v2/"])
def test_one_file_to_a_folder(output: str) -> None:
    touch("a.png")
    assert plan(["a.png"], output) == {"a.png": f"{output.rstrip('/')}/a.png"}


@pytest.mark.parametrize("output", ["b.jpgg", "new/b.pgn"])
def test_one_file_to_a_mistyped_suffix(output: str) -> None:
    touch("a.png")
    with pytest.raises(UsageError, match=r"no picture's suffix: end it in \.png.* or in /"):
        plan(["a.png"], output)


def test_existing_folder_with_any_dot_is_a_folder() -> None:
    touch("a.png")
    Path("results.v2").mkdir()
    assert plan(["a.png"], "results.v2") == {"a.png": "results.v2/a.png"}


def test_several_files_to_a_folder_with_a_dot() -> None:
    touch("p/a.png", "p/b.png")
    assert plan(["p"], "out.v2") == {"p/a.png": "out.v2/a.png", "p/b.png": "out.v2/b.png"}


def test_existing_folder_with_a_pictures_suffix_is_a_folder() -> None:
    touch("a.png", "b.png")
    Path("out.png").mkdir()
    assert plan(["a.png"], "out.png") == {"a.png": "out.png/a.png"}


def test_folder_is_mirrored() -> None:
    touch("p/a.png", "p/s/b.jpg", "q.bmp")
    assert plan(["p", "q.bmp"], "out", "webp") == {
        "p/a.png": "out/a.webp",
        "p/s/b.jpg": "out/s/b.webp",
        "q.bmp": "out/q.webp",
    }


def test_output_folder_inside_the_input_is_not_an_input() -> None:
    touch("p/a.png", "p/out/a.png")
    assert plan(["p"], "p/out") == {"p/a.png": "p/out/a.png"}
    assert plan(["p/**/*.png"], "p/out") == {"p/a.png": "p/out/a.png"}
    assert plan(["p/out/*.png"], "p/out") == {"p/out/a.png": "p/out/a_x4.png"}


def test_unwritable_formats_are_refused() -> None:
    touch("a.png")
    with pytest.raises(UsageError, match=r"\.gif files cannot be written"):
        plan(["a.png"], "b.gif")


def test_format_that_contradicts_the_name() -> None:
    touch("a.png")
    assert plan(["a.png"], "b.jpeg", "jpg") == {"a.png": "b.jpeg"}
    with pytest.raises(UsageError, match="contradicts -f webp"):
        plan(["a.png"], "b.jpg", "webp")


def test_unquoted_pattern_does_not_overwrite_its_last_picture() -> None:
    touch("a.png", "b.png", "c.png")
    with pytest.raises(UsageError, match=r"is one picture file.*put it in quotes"):
        plan(["a.png", "b.png"], "c.png")


@pytest.mark.parametrize("inputs", [["a.png", "b.png"], ["p"], ["p/*"]])
def test_several_pictures_to_one_new_file(inputs: List[str]) -> None:
    touch("a.png", "b.png", "p/c.png")
    with pytest.raises(UsageError, match=r"give a folder with -o$"):
        plan(inputs, "new.png")


def test_output_that_is_a_file_is_no_folder() -> None:
    touch("a.png", "out")
    with pytest.raises(UsageError, match="is a file, expected a folder"):
        plan(["a.png"], "out")


def test_results_that_would_share_a_name_are_told_apart() -> None:
    touch("p/a.png", "p/a.jpg", "p/b.png")
    assert plan(["p"], None, "webp") == {
        "p/a.jpg": "p/a_jpg_x4.webp",
        "p/a.png": "p/a_png_x4.webp",
        "p/b.png": "p/b_x4.webp",
    }
    assert plan(["p"], "out", "webp")["p/a.jpg"] == "out/a_jpg.webp"


def test_second_run_knows_names_that_were_told_apart() -> None:
    touch("p/a.png", "p/a.jpg", "p/a_jpg_x4.webp", "p/a_png_x4.webp")
    assert set(plan(["p"], None, "webp")) == {"p/a.jpg", "p/a.png"}


def test_names_that_cannot_be_told_apart_are_refused() -> None:
    touch("p/a.png", "q/a.png")
    with pytest.raises(UsageError, match=r"p/a.png and q/a.png would both be out/a_png.png"):
        plan(["p", "q"], "out")


@pytest.mark.parametrize("output", ["a.png", "p/../a.png", "link.png"])
def test_result_never_replaces_its_input(output: str) -> None:
    touch("a.png")
    Path("p").mkdir()
    Path("link.png").symlink_to("a.png")
    with pytest.raises(UsageError, match="would replace the input"):
        plan(["a.png"], output)


def test_result_never_replaces_another_input() -> None:
    touch("p/s/a.png", "out/s/a.png")
    with pytest.raises(UsageError, match=r"p/s/a\.png would replace the input out/s/a\.png"):
        plan(["p", "out/s/a.png"], "out")


@pytest.mark.parametrize("output", ["p", "p/../p/", "link"])
def test_output_folder_that_is_the_input_folder_is_as_without(output: str) -> None:
    touch("p/a.png", "p/s/b.png")
    Path("link").symlink_to("p")
    targets = [target.replace(output.rstrip("/"), "p") for target in plan(["p"], output).values()]
    assert targets == list(plan(["p"]).values()) == ["p/a_x4.png", "p/s/b_x4.png"]
