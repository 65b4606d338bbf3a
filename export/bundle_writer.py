"""Writes a bundle's folder in one step: whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import Iterator, Mapping

from pcsr_edge.errors import BundleError, OutputError
from pcsr_edge.runtime.bundle import MANIFEST_NAME, Bundle, load_bundle
from pcsr_edge.runtime.manifest import Manifest


def check_target(folder: Path, overwrite: bool) -> None:
    """Say at once, before any work, whether a bundle may be written to `folder`.

    Raises:
        OutputError: something is there that must not be replaced.
    """
    if not folder.exists() and not folder.is_symlink():
        return
    if not folder.is_dir() or folder.is_symlink():
        raise OutputError(f"{folder} is not a folder; name another one for the bundle")
    if not any(folder.iterdir()):
        return
    if not (folder / MANIFEST_NAME).is_file():
        raise OutputError(
            f"{folder} holds files but no {MANIFEST_NAME}: it is not a bundle and is left alone; "
            "name another folder"
        )
    if not overwrite:
        raise OutputError(f"bundle {folder} exists; add --overwrite, or name another folder")


def write_bundle(
    folder: Path, files: Mapping[str, bytes], manifest: Manifest, overwrite: bool
) -> Bundle:
    """Write `files` and the manifest to `folder`, and read the bundle back.

    Everything is written beside `folder` first and then renamed, so that a reader sees the
    old bundle, or the new one, or in between none; a failure leaves the old state.

    Args:
        folder: need not exist; its parents are made.
        files: name → content.
        manifest: must name these files with their hashes.
        overwrite: replace a bundle that is there.

    Raises:
        OutputError: see `check_target`, or the file system refused.
    """
    check_target(folder, overwrite)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _scratch(folder) as scratch:
            fresh = scratch / "new"
            fresh.mkdir()
            for name, content in files.items():
                (fresh / name).write_bytes(content)
            (fresh / MANIFEST_NAME).write_text(manifest.to_json(), encoding="utf-8")
            _read_back(fresh)
            _replace(folder, fresh, scratch / "old")
    except OSError as exc:
        raise OutputError(
            f"bundle {folder} cannot be written ({exc.strerror or exc}); check the path, its "
            "permissions and the free space"
        ) from exc
    return load_bundle(folder.absolute())


@contextlib.contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    """Give an empty folder on the same file system, and remove it whatever happens."""
    scratch = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".partial", dir=folder.parent))
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _read_back(fresh: Path) -> None:
    try:
        bundle = load_bundle(fresh.absolute())
        for precision in bundle.manifest.precisions:
            for name in bundle.manifest.graph_names():
                bundle.graph(name, precision)
    except BundleError as exc:
        raise OutputError(f"the bundle did not survive writing: {exc}") from exc


def _replace(folder: Path, fresh: Path, old: Path) -> None:
    if not folder.exists():
        os.rename(fresh, folder)
        return
    os.rename(folder, old)
    try:
        os.rename(fresh, folder)
    except BaseException:
        os.rename(old, folder)
        raise
