"""Torch files: hostile and damaged ones are refused, written ones are whole."""

from __future__ import annotations

import io
import os
import pickle
import random
from pathlib import Path
from typing import Any, Tuple

import pytest
import torch

from pcsr_edge.errors import CheckpointError, OutputError
from pcsr_edge.models.files import read_torch_file, write_torch_file

CONTENT = {"weights": torch.arange(6.0).reshape(2, 3), "note": "plain", "steps": 3}


class Hostile:
    """Makes a folder when it is unpickled."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> Tuple[Any, ...]:
        return os.mkdir, (str(self.target),)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    write_torch_file(tmp_path / "new" / "a.pth", CONTENT)
    content = read_torch_file(tmp_path / "new" / "a.pth")
    assert torch.equal(content.pop("weights"), CONTENT["weights"])
    assert content == {"note": "plain", "steps": 3}


@pytest.mark.parametrize("how", ["torch", "legacy-torch", "pickle"])
def test_a_pickle_that_runs_code_is_refused_and_does_not_run(tmp_path: Path, how: str) -> None:
    path, target = tmp_path / "evil.pth", tmp_path / "made-by-the-pickle"
    content = {"model": Hostile(target)}
    if how == "pickle":
        path.write_bytes(pickle.dumps(content))
    else:
        torch.save(content, path, _use_new_zipfile_serialization=how == "torch")
    with pytest.raises(CheckpointError, match="could run code"):
        read_torch_file(path)
    assert not target.exists()
    # The control: an unguarded reader does run it.
    if how == "pickle":
        pickle.loads(path.read_bytes())
    else:
        torch.load(path, weights_only=False)
    assert target.exists()


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="does not exist"):
        read_torch_file(tmp_path / "none.pth")


def test_a_folder(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="is a folder"):
        read_torch_file(tmp_path)


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "a.pth").touch()
    with pytest.raises(CheckpointError, match="is empty"):
        read_torch_file(tmp_path / "a.pth")


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        (b"\x89PNG\r\n\x1a\n", r"\\x89PNG"),
        (b"<html>404</html>\n", "<html>404</html>"),
        (b"hello world\nand more", "hello world"),
        (b"\n", ""),
        (b"\x00" * 64, "\x00"),
    ],
    ids=str,
)
def test_a_file_of_another_kind(tmp_path: Path, content: bytes, shown: str) -> None:
    (tmp_path / "a.pth").write_bytes(content)
    with pytest.raises(CheckpointError, match=f'is no torch file: it begins with "{shown}'):
        read_torch_file(tmp_path / "a.pth")


@pytest.mark.parametrize("content", [b"PK\x03\x04", b"\x80\x02e"], ids=str)
def test_a_beginning_alone(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.pth").write_bytes(content)
    with pytest.raises(CheckpointError, match=r"is damaged or|could run code") as caught:
        read_torch_file(tmp_path / "a.pth")
    assert "Error" not in str(caught.value)


def test_truncated_anywhere(tmp_path: Path) -> None:
    path = tmp_path / "a.pth"
    write_torch_file(path, CONTENT)
    whole = path.read_bytes()
    for length in range(1, len(whole), 37):
        path.write_bytes(whole[:length])
        with pytest.raises(CheckpointError):
            read_torch_file(path)


@pytest.mark.parametrize("share", [0.02, 0.1, 0.5, 0.99])
def test_a_large_one_that_was_cut_off_says_so(tmp_path: Path, share: float) -> None:
    path = tmp_path / "a.pth"
    write_torch_file(path, {"model": {"a": torch.arange(100_000.0)}})
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(CheckpointError, match=r"cut off; copy or download it again$"):
        read_torch_file(path)


def test_flipped_bytes_are_read_or_refused_but_never_crash(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    torch.save(CONTENT, buffer, _use_new_zipfile_serialization=False)
    whole, path, rng = buffer.getvalue(), tmp_path / "a.pth", random.Random(0)
    refused = 0
    for _ in range(150):
        damaged = bytearray(whole)
        damaged[rng.randrange(len(whole))] ^= 1 << rng.randrange(8)
        path.write_bytes(damaged)
        try:
            read_torch_file(path)
        except CheckpointError:
            refused += 1
    assert refused > 50


def test_an_older_file_survives_a_failed_write(tmp_path: Path) -> None:
    path = tmp_path / "a.pth"
    write_torch_file(path, {"version": 1})

    class Unwritable:
        def __reduce__(self) -> str:
            raise OSError("disk full")

    with pytest.raises(OutputError, match="disk full"):
        write_torch_file(path, {"version": 2, "big": Unwritable()})
    assert read_torch_file(path) == {"version": 1}
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_is_replaced_and_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "a.pth"
    write_torch_file(path, CONTENT)
    before = path.stat().st_ino
    write_torch_file(path, CONTENT)
    assert path.stat().st_ino != before


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot be written"):
        write_torch_file(tmp_path / "file" / "a.pth", CONTENT)
