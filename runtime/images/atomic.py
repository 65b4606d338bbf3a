"""Writes a file whole or not at all."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from pcsr_edge.errors import OutputError


def refuse_existing(path: Path, overwrite: bool) -> None:
    """Refuse to replace a file unless that is wanted.

    Raises:
        OutputError: `path` is a folder, exists and `overwrite` is not set, or is a device or a
            pipe.
    """
    if os.path.isdir(path):
        raise OutputError(f"{path} is a folder, expected the name of a file to write")
    if os.path.lexists(path) and not overwrite:
        raise OutputError(
            f"{path} exists; --overwrite replaces it, --skip-existing leaves it as it is"
        )
    refuse_special(path)


def refuse_special(path: Path) -> None:
    """Refuse to put a file in the place of a device or a pipe; root could, and all would miss it.

    Raises:
        OutputError: `path` leads to something that is neither a file nor missing.
    """
    if os.path.exists(path) and not os.path.isfile(path):
        raise OutputError(f"{path} is no file that could be replaced; give the name of a file")


def write_atomically(path: Path, data: bytes, overwrite: bool) -> None:
    """Write `data` under a temporary name in the same folder, then rename it to `path`.

    Missing folders are made. Whatever stops it, Ctrl-C too, leaves neither a temporary file nor a
    new folder behind, and an existing file as it was. A link is followed: the file it leads to is
    replaced.

    Raises:
        OutputError: it exists and `overwrite` is not set, it is a device or a pipe, or the folder
            cannot be written to.
    """
    refuse_existing(path, overwrite)
    target = Path(os.path.realpath(path))
    # Not tempfile: its files are private to the user, and would stay so after the renaming.
    temporary = target.with_name(f".pcsr-edge-{secrets.token_hex(8)}.part")
    # The deepest first.
    new = [folder for folder in target.parents if not os.path.lexists(folder)]
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _write_and_rename(temporary, target, data, overwrite)
    except BaseException as exc:
        for folder in new:
            with suppress(OSError):  # it was never made, or somebody else put a file into it
                folder.rmdir()
        if not isinstance(exc, OSError):
            raise
        reason = exc.strerror or exc
        raise OutputError(f"{path} cannot be written: {reason}; choose another folder") from exc


def _write_and_rename(temporary: Path, target: Path, data: bytes, overwrite: bool) -> None:
    try:
        temporary.write_bytes(data)
        refuse_existing(target, overwrite)
        os.replace(temporary, target)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
