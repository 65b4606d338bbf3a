"""Puts a table into a bundle: the one it was measured on, or a copy of it elsewhere."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Optional

from pcsr_edge.errors import DataError, OutputError
from pcsr_edge.runtime.bundle import MANIFEST_NAME, Bundle
from pcsr_edge.runtime.images.atomic import write_atomically
from pcsr_edge.runtime.patch_table import FILES, PatchTable, parse_table


def store_table(bundle: Bundle, table: PatchTable, folder: Optional[Path] = None) -> Path:
    """Write a table into the bundle's folder, or into a copy of the bundle, and return its path.

    Args:
        bundle: that was measured.
        table: replaces an older one.
        folder: of the copy; must not exist yet, or be a folder of this bundle.

    Raises:
        DataError: the table could not be read back; the older one stays.
        OutputError: the folder holds something else, or cannot be written.
    """
    target = bundle.folder if folder is None else folder
    try:
        text = table.to_json()
        parse_table(text)
    except ValueError as exc:
        raise DataError(
            f"the pictures lead to no valid table ({exc}), so none was stored; calibrate on more, "
            "or other, photographs"
        ) from exc
    try:
        if target.absolute() != bundle.folder.absolute():
            _copy(bundle.folder, target)
        path = target / FILES[bundle.manifest.method]
        write_atomically(path, text.encode("utf-8"), overwrite=True)
    except OSError as exc:
        raise OutputError(
            f"the table cannot be written to {target} ({exc.strerror or exc}); check the path and "
            "its permissions, or name a folder for a copy of the bundle with -o"
        ) from exc
    return path


def _copy(source: Path, target: Path) -> None:
    manifest = target / MANIFEST_NAME
    if manifest.is_file() and manifest.read_bytes() == (source / MANIFEST_NAME).read_bytes():
        return
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise OutputError(
            f"{target} exists and is no copy of {source}; name another folder with -o"
        )
    shutil.copytree(source, target, dirs_exist_ok=True)
