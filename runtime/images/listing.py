"""Which picture files are meant."""

from __future__ import annotations

import glob
import os
from pathlib import Path, PurePath
from typing import Dict, Iterator, List, NamedTuple, NoReturn, Optional, Sequence

from pcsr_edge.errors import InputError, UsageError
from pcsr_edge.runtime.images.formats import SUFFIXES, format_of_name

_WILDCARDS = frozenset("*?[")


class Found(NamedTuple):
    """One picture file among the inputs."""

    source: Path
    relative: PurePath
    """Its path below the folder that was given; the mere name of a file that was named itself."""
    named: bool
    """Whether it was named itself, not met in a folder or through a pattern."""


def picture_files(inputs: Sequence[str], leave_out: Optional[Path] = None) -> List[Found]:
    """Expand files, folders and quoted patterns (`*.jpg`, `photos/**/*.png`) to picture files.

    A file that is named itself is taken whatever its suffix. In folders, which are searched
    recursively, and through patterns only the suffixes of readable pictures count, and hidden
    files and folders do not. Each file comes once; the order is that of `inputs`, then of names.

    Args:
        inputs: as typed.
        leave_out: a folder whose files are left out, such as the output inside an input.

    Raises:
        UsageError: `inputs` is empty.
        InputError: an input does not exist, holds no picture, or cannot be searched.
    """
    if not inputs:
        raise UsageError("no input was given; name pictures, folders or quoted patterns")
    found: Dict[str, Found] = {}
    for text in inputs:
        for entry in _expand(text, leave_out):
            found.setdefault(os.path.abspath(entry.source), entry)
    return list(found.values())


def _expand(text: str, leave_out: Optional[Path]) -> List[Found]:
    path = Path(text)
    if os.path.isdir(path):
        entries = sorted(_in_folder(path, leave_out))
    elif os.path.lexists(path):
        entries = [Found(path, PurePath(path.name), named=True)]
    elif _WILDCARDS.intersection(text):
        entries = _matches(path, leave_out)
    else:
        raise InputError(f"{text}: there is no such file or folder")
    if not entries:
        place = "the folder holds" if os.path.isdir(path) else "the pattern matches"
        raise InputError(f"{text}: {place} no picture; looked for {', '.join(SUFFIXES)}")
    return entries


def _in_folder(root: Path, leave_out: Optional[Path]) -> Iterator[Found]:
    def fail(error: OSError) -> NoReturn:
        raise InputError(f"{error.filename} cannot be searched: {error.strerror}") from error

    skipped = os.path.realpath(leave_out) if leave_out else None
    for folder, folders, names in os.walk(root, onerror=fail):
        folders[:] = [
            name
            for name in folders
            if not name.startswith(".") and os.path.realpath(os.path.join(folder, name)) != skipped
        ]
        for name in names:
            path = Path(folder, name)
            # Reading a pipe or a device would wait for ever; a broken link is told to the user.
            special = os.path.exists(path) and not path.is_file()
            if not name.startswith(".") and format_of_name(path) and not special:
                yield Found(path, path.relative_to(root), named=False)


def _matches(pattern: Path, leave_out: Optional[Path]) -> List[Found]:
    fixed: List[str] = []
    for part in pattern.parts[:-1]:
        if _WILDCARDS.intersection(part):
            break
        fixed.append(part)
    paths = (Path(match) for match in sorted(glob.glob(str(pattern), recursive=True)))
    root = Path(*fixed)
    skipped = None if leave_out is None or _lies_in(root, leave_out) else leave_out
    return [
        Found(path, path.relative_to(root), named=False)
        for path in paths
        if format_of_name(path) and path.is_file() and not (skipped and _lies_in(path, skipped))
    ]


def _lies_in(path: Path, folder: Path) -> bool:
    inner, outer = os.path.realpath(path), os.path.realpath(folder)
    return inner == outer or inner.startswith(os.path.join(outer, ""))
