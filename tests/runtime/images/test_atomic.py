"""Whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any, Type

import pytest

from pcsr_edge.errors import OutputError
from pcsr_edge.runtime.images.atomic import write_atomically


def names(folder: Path) -> list:  # type: ignore[type-arg]
    return sorted(path.name for path in folder.iterdir())


def test_only_the_file_remains(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a", b"data", overwrite=False)
    assert names(tmp_path) == ["a"]
    assert (tmp_path / "a").read_bytes() == b"data"


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, MemoryError])
@pytest.mark.parametrize("step", ["replace", "write"])
def test_interruption_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: Type[BaseException], step: str
) -> None:
    (tmp_path / "a").write_bytes(b"old")
    write_bytes = Path.write_bytes

    def half(path: Path, data: bytes) -> None:
        write_bytes(path, data[:2])
        raise kind

    def fail(*_: Any) -> None:
        raise kind

    monkeypatch.setattr(
        *((os, "replace", fail) if step == "replace" else (Path, "write_bytes", half))
    )
    with pytest.raises(kind):
        write_atomically(tmp_path / "a", b"data", overwrite=True)
    assert names(tmp_path) == ["a"]
    assert (tmp_path / "a").read_bytes() == b"old"


@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(28, "No space left on device")])
def test_new_folders_go_again_and_old_ones_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def fail(*_: Any) -> None:
        raise error

    (tmp_path / "old").mkdir()
    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises((OutputError, KeyboardInterrupt)):
        write_atomically(tmp_path / "old" / "new" / "newer" / "a", b"data", overwrite=False)
    assert names(tmp_path) == ["old"]
    assert names(tmp_path / "old") == []


def test_a_new_folder_with_another_file_in_it_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        (tmp_path / "new" / "other").touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OutputError):
        write_atomically(tmp_path / "new" / "a", b"data", overwrite=False)
    assert names(tmp_path / "new") == ["other"]


def test_full_disk_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OutputError, match="a cannot be written: No space left on device"):
        write_atomically(tmp_path / "a", b"data", overwrite=False)
    assert names(tmp_path) == []


def test_file_that_appeared_meanwhile_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_bytes = Path.write_bytes

    def write_and_race(path: Path, data: bytes) -> None:
        write_bytes(path, data)
        write_bytes(tmp_path / "a", b"theirs")

    monkeypatch.setattr(Path, "write_bytes", write_and_race)
    with pytest.raises(OutputError, match="exists"):
        write_atomically(tmp_path / "a", b"data", overwrite=False)
    assert names(tmp_path) == ["a"]
    assert (tmp_path / "a").read_bytes() == b"theirs"


def test_folder_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(OutputError, match="is a folder"):
        write_atomically(tmp_path / "a", b"data", overwrite=True)


def test_file_in_the_way_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    with pytest.raises(OutputError, match=r"cannot be written: (Not a directory|File exists)"):
        write_atomically(tmp_path / "a" / "b", b"data", overwrite=False)


def test_folder_without_permission(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    if os.access(tmp_path, os.W_OK):
        pytest.skip("this user may write everywhere")
    with pytest.raises(OutputError, match="Permission denied"):
        write_atomically(tmp_path / "a", b"data", overwrite=False)
    tmp_path.chmod(0o700)


@pytest.mark.skipif(os.name != "posix", reason="permission bits are POSIX")
def test_file_has_the_usual_permissions(tmp_path: Path) -> None:
    (tmp_path / "usual").touch()
    write_atomically(tmp_path / "a", b"data", overwrite=False)
    modes = {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("usual", "a")}
    assert len(modes) == 1


def test_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to("real")
    write_atomically(tmp_path / "link", b"new", overwrite=True)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"


def test_long_names_leave_room_for_the_temporary_one(tmp_path: Path) -> None:
    write_atomically(tmp_path / ("n" * 255), b"data", overwrite=False)
    assert names(tmp_path) == ["n" * 255]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes among files on this system")
def test_what_is_no_file_is_not_replaced(tmp_path: Path) -> None:
    path, link = tmp_path / "pipe", tmp_path / "link"
    os.mkfifo(path)
    link.symlink_to(path)
    for name in (path, link):
        with pytest.raises(OutputError, match="is no file that could be replaced"):
            write_atomically(name, b"new", overwrite=True)
    assert stat.S_ISFIFO(path.stat().st_mode)
