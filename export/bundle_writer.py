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
    with _os_errors(folder):
        if not os.path.lexists(folder):
            return
        if folder.is_symlink() or not folder.is_dir():
            raise OutputError(f"{folder} is not a folder; name another one for the bundle")
        if not any(folder.iterdir()):
            return
        if not (folder / MANIFEST_NAME).is_file():
            raise OutputError(
                f"{folder} holds files but no {MANIFEST_NAME}: it is not a bundle and is left "
                "alone; name another folder"
            )
    if not overwrite:
        raise OutputError(f"bundle {folder} exists; add --overwrite, or name another folder")


def check_writable(folder: Path) -> None:
    """Make sure, by writing, that a bundle can be written to `folder`: making one takes minutes.

    Raises:
        OutputError: the file system refuses.
    """
    with _os_errors(folder):
        parent = next(parent for parent in folder.absolute().parents if parent.exists())
        os.rmdir(tempfile.mkdtemp(".probe", ".", parent))


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
    folder = folder.absolute()
    check_target(folder, overwrite)
    with _os_errors(folder), _parents(folder), _scratch(folder) as scratch:
        fresh = scratch / "new"
        fresh.mkdir()
        for name, content in files.items():
            (fresh / name).write_bytes(content)
        (fresh / MANIFEST_NAME).write_text(manifest.to_json(), encoding="utf-8")
        _read_back(fresh)
        _replace(folder, fresh, scratch / "old")
    return load_bundle(folder)


@contextlib.contextmanager
def _os_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        raise OutputError(
            f"bundle {folder} cannot be written ({exc.strerror or exc}); check the path, its "
            "permissions and the free space"
        ) from exc


@contextlib.contextmanager
def _parents(folder: Path) -> Iterator[None]:
    """Make the folders that `folder` will stand in; remove them again after a failure."""
    missing = [parent for parent in folder.parents if not parent.exists()]
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        yield
    except BaseException:
        for parent in missing:
            with contextlib.suppress(OSError):
                parent.rmdir()
        raise


@contextlib.contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    """Give an empty folder on the same file system, and remove it whatever happens."""
    scratch = Path(tempfile.mkdtemp(f".{folder.name}.partial", ".", folder.parent))
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _read_back(fresh: Path) -> None:
    try:
        bundle = load_bundle(fresh)
        for precision in bundle.manifest.precisions:
            for name in bundle.manifest.precisions[precision]:
                bundle.graph(name, precision)
    except BundleError as exc:
        raise OutputError(f"the bundle did not survive writing: {exc}") from exc


def _replace(folder: Path, fresh: Path, old: Path) -> None:
    if not folder.exists():
        fresh.rename(folder)
        return
    folder.rename(old)
    try:
        fresh.rename(folder)
    except BaseException:
        old.rename(folder)
        raise
