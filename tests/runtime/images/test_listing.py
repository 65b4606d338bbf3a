"""Which files are meant."""

from __future__ import annotations

import os
from pathlib import Path
from typing import List

import pytest

from pcsr_edge.errors import InputError, UsageError
from pcsr_edge.runtime.images import picture_files


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, so that inputs are typed as a user types them."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def touch(*names: str) -> None:
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).touch()


def listed(*inputs: str) -> List[str]:
    return [found.source.as_posix() for found in picture_files(inputs)]


def test_folder_is_walked_in_order() -> None:
    touch("p/b.png", "p/a.JPG", "p/sub/c.tif", "p/notes.txt", "p/.hidden.png", "p/.git/d.png")
    assert listed("p") == ["p/a.JPG", "p/b.png", "p/sub/c.tif"]
    assert [found.relative.as_posix() for found in picture_files(["p"])][-1] == "sub/c.tif"


def test_all_readable_suffixes_count() -> None:
    touch("p/a.png", "p/b.jpg", "p/c.jpeg", "p/d.webp", "p/e.tif", "p/f.tiff", "p/g.bmp", "p/h.gif")
    assert len(listed("p")) == 7


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("p/*.png", ["p/a.png", "p/b.png"]),
        ("p/**/*.png", ["p/a.png", "p/b.png", "p/s/c.png"]),
        ("p/[a]*", ["p/a.png"]),
        ("*/?.png", ["p/a.png", "p/b.png"]),
    ],
)
def test_patterns(pattern: str, expected: List[str]) -> None:
    touch("p/b.png", "p/a.png", "p/s/c.png", "p/a.txt")
    assert listed(pattern) == expected


def test_absolute_pattern(here: Path) -> None:
    touch("p/a.png")
    assert [found.relative.as_posix() for found in picture_files([str(here / "p" / "*.png")])] == [
        "a.png"
    ]


def test_file_whose_name_looks_like_a_pattern() -> None:
    touch("a[1].png", "a1.png")
    assert listed("a[1].png") == ["a[1].png"]


def test_named_file_of_any_suffix_is_taken() -> None:
    touch("scan.dat")
    assert listed("scan.dat") == ["scan.dat"]


def test_each_file_comes_once() -> None:
    touch("p/a.png", "p/b.png")
    assert listed("p/b.png", "p", "p/*.png", "./p") == ["p/b.png", "p/a.png"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("absent.png", "absent.png: there is no such file or folder"),
        ("empty", "empty: the folder holds no picture; looked for .png"),
        ("*.webp", r"\*.webp: the pattern matches no picture"),
        ("n" * 300, "there is no such file"),
    ],
)
def test_nothing_found(text: str, message: str) -> None:
    Path("empty").mkdir()
    touch("there.png")
    with pytest.raises(InputError, match=message):
        listed("there.png", text)


def test_no_input() -> None:
    with pytest.raises(UsageError, match="no input"):
        listed()


def test_folder_that_cannot_be_searched() -> None:
    touch("p/s/a.png")
    Path("p/s").chmod(0)
    if os.access("p/s", os.R_OK):
        pytest.skip("this user may read everything")
    with pytest.raises(InputError, match="cannot be searched: Permission denied"):
        listed("p")
    Path("p/s").chmod(0o700)
