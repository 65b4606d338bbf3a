"""Torch files that hold plain data: read without ever running code from them, written whole."""

from __future__ import annotations

import errno
import os
import pickle
import warnings
from pathlib import Path
from typing import Any, BinaryIO, Union

import torch

from pcsr_edge.errors import CheckpointError, OutputError

# A zip archive since torch 1.6, a pickle before.
_BEGINNINGS = (b"PK\x03\x04", b"\x80")
_SHOWN_BYTES = 24


def read_torch_file(path: Union[str, Path]) -> Any:
    """Load a torch file that holds only tensors and plain data; tensors arrive on the CPU.

    Raises:
        CheckpointError: it is missing, damaged, or a pickle that would run code.
    """
    path = Path(path)
    try:
        if path.is_dir():
            raise CheckpointError(f"checkpoint {path} is a folder; name the .pth file in it")
        if path.stat().st_size == 0:
            raise CheckpointError(f"checkpoint {path} is empty; copy or download it again")
        with path.open("rb") as file, warnings.catch_warnings():
            _check_beginning(path, file)
            # Advice to torch's users on old and odd formats; ours learn from the error.
            warnings.simplefilter("ignore")
            return torch.load(file, map_location="cpu", weights_only=True)
    except CheckpointError:
        raise
    except FileNotFoundError as exc:
        raise CheckpointError(f"checkpoint {path} does not exist; check the path") from exc
    except pickle.UnpicklingError as exc:
        raise CheckpointError(
            f"checkpoint {path} was refused: it is damaged or holds objects beside tensors and "
            "plain data, which could run code on loading; save {'model': …} with tensors only"
        ) from exc
    except Exception as exc:  # A damaged file makes the unpickler raise anything.
        # In a zip archive that was cut off torch seeks to before its beginning: EINVAL.
        if isinstance(exc, OSError) and exc.errno != errno.EINVAL:
            reason = f"cannot be read: {exc.strerror or exc}"
        else:
            reason = "is damaged or cut off; copy or download it again"
        raise CheckpointError(f"checkpoint {path} {reason}") from exc


def _check_beginning(path: Path, file: BinaryIO) -> None:
    """Refuse what is no torch file at all, such as a web page in place of a download."""
    head = file.read(_SHOWN_BYTES)
    file.seek(0)
    if not head.startswith(_BEGINNINGS):
        shown = head.splitlines()[0].decode("ascii", "backslashreplace")
        raise CheckpointError(
            f'checkpoint {path} is no torch file: it begins with "{shown}"; expected what '
            "torch.save writes"
        )


def write_torch_file(path: Union[str, Path], content: Any) -> None:
    """Save plain data and tensors to `path`; a reader finds the old file or the new one, whole.

    Raises:
        OutputError: the folder cannot be written to, or is full.
    """
    path = Path(path)
    partial = path.with_name(path.name + ".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as file:
            torch.save(content, file)
            file.flush()
            # Without it a power cut after the rename can leave an empty file.
            os.fsync(file.fileno())
        os.replace(partial, path)
    except (OSError, RuntimeError) as exc:
        raise OutputError(
            f"{path} cannot be written ({exc}); check the folder and its space"
        ) from exc
    finally:
        _remove(partial)


def _remove(path: Path) -> None:
    try:
        path.unlink()
    except OSError:
        # Renamed already, or the folder is out of reach, which was reported.
        return
