"""Which picture files are meant, and where the result of each goes."""

from __future__ import annotations

import glob
import os
from collections import Counter
from pathlib import Path, PurePath
from typing import Dict, Iterator, List, NamedTuple, NoReturn, Optional, Sequence, Tuple

from pcsr_edge.errors import InputError, UsageError
from pcsr_edge.runtime.images.formats import (
    FORMATS,
    SUFFIXES,
    PictureFormat,
    check_format,
    format_of_name,
)

_WILDCARDS = frozenset("*?[")
_UNWRITABLE = frozenset([".avif", ".exr", ".gif", ".heic", ".jp2", ".jxl", ".pdf", ".ppm", ".svg"])


class Found(NamedTuple):
    """One picture file among the inputs."""

    source: Path
    relative: PurePath
    """Its path below the folder that was given; the mere name of a file that was named itself."""
    named: bool
    """Whether it was named itself, not met in a folder or through a pattern."""


class Job(NamedTuple):
    """One picture file to upscale, and the file its result goes to."""

    source: Path
    target: Path


def picture_files(inputs: Sequence[str], leave_out: Optional[Path] = None) -> List[Found]:
    """Expand files, folders and quoted patterns (`*.jpg`, `photos/**/*.png`) to picture files.

    A file that is named itself is taken whatever its suffix. In folders, which are searched
    recursively, and through patterns only the suffixes of readable pictures count, and hidden
    files and folders do not. Each file comes once; the order is that of `inputs`, then of names.

    Args:
        inputs: as typed.
        leave_out: a folder that is not searched, such as the output inside an input.

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
        entries = _matches(path)
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


def _matches(pattern: Path) -> List[Found]:
    fixed: List[str] = []
    for part in pattern.parts[:-1]:
        if _WILDCARDS.intersection(part):
            break
        fixed.append(part)
    paths = (Path(match) for match in sorted(glob.glob(str(pattern), recursive=True)))
    return [
        Found(path, path.relative_to(Path(*fixed)), named=False)
        for path in paths
        if format_of_name(path) and path.is_file()
    ]


def plan_outputs(
    inputs: Sequence[str], output: Optional[str], format: str, default_suffix: str
) -> List[Job]:
    """Plan where the result of each picture goes; nothing is read or written.

    - Without `output`, next to its source: `photo.jpg` → `photo_x4.jpg`. Files in folders and
      patterns that are such results of an earlier run are not upscaled again.
    - One named file and an output with a picture's suffix: that file.
    - Else `output` is a folder, made when needed, in which the inputs' folders are mirrored and
      names are kept.

    With format `auto` results keep the suffix of their source (`.png` where it is no picture's).
    Where two sources would meet in one name, as a.png and a.jpg with `-f webp`, both get their
    own suffix into it: `a_png_x4.webp`, `a_jpg_x4.webp`.

    Args:
        inputs: files, folders and patterns, as typed.
        output: a file, a folder, or None.
        format: one of `OUTPUT_FORMATS`.
        default_suffix: what goes between name and suffix without `output`, e.g. `_x4`.

    Raises:
        UsageError: several pictures and one output file, a result that would replace an input,
            two results of one name, a format that is unknown or contradicts the output's name.
        InputError: nothing was found.
    """
    check_format(format)
    folder = Path(output) if output is not None and not _names_file(output) else None
    found = picture_files(inputs, leave_out=folder)
    if output is not None and folder is None:
        return [Job(found[0].source, _single_target(Path(output), found, format))]
    if folder is not None and os.path.lexists(folder) and not os.path.isdir(folder):
        raise UsageError(f"the output {folder} is a file, expected a folder or a new name")
    jobs = _named_jobs(found, folder, format, default_suffix)
    _refuse_clashes(jobs)
    return jobs


def _names_file(output: str) -> bool:
    if output.endswith(("/", os.sep)) or os.path.isdir(output):
        return False
    suffix = PurePath(output).suffix.lower()
    if suffix in _UNWRITABLE:
        raise UsageError(f"{suffix} files cannot be written: end {output} in {', '.join(SUFFIXES)}")
    return suffix in SUFFIXES


def _single_target(target: Path, found: List[Found], format: str) -> Path:
    if len(found) > 1 or not found[0].named:
        trap = "; if a pattern was meant, put it in quotes" if os.path.lexists(target) else ""
        raise UsageError(
            f"the output {target} is one picture file, but the inputs may be several "
            f"({len(found)} found): give a folder with -o{trap}"
        )
    kind = format_of_name(target)
    if format != "auto" and kind is not FORMATS[format]:
        raise UsageError(f"the output {target} contradicts -f {format}; leave one of them out")
    _refuse_clashes([Job(found[0].source, target)])
    return target


def _named_jobs(
    found: List[Found], folder: Optional[Path], format: str, default_suffix: str
) -> List[Job]:
    added = default_suffix if folder is None else ""
    targets = [_target(entry, folder, format, added) for entry in found]
    shared = Counter(targets)
    for i, entry in enumerate(found):
        if shared[targets[i]] > 1:
            targets[i] = _target(entry, folder, format, added, distinct=True)
    pairs = list(zip(found, targets))
    if folder is None:
        results = {os.path.abspath(target) for target in targets}
        pairs = [p for p in pairs if p[0].named or os.path.abspath(p[0].source) not in results]
    return [Job(entry.source, target) for entry, target in pairs]


def _target(
    entry: Found, folder: Optional[Path], format: str, added: str, distinct: bool = False
) -> Path:
    parent = entry.source.parent if folder is None else folder / entry.relative.parent
    own = entry.source.suffix
    tag = f"_{own[1:]}" if distinct else ""
    return parent / f"{entry.source.stem}{tag}{added}{_suffix(own, format)}"


def _suffix(own: str, format: str) -> str:
    kind: Optional[PictureFormat] = SUFFIXES.get(own.lower())
    wanted = kind if format == "auto" else FORMATS[format]
    if wanted is None:
        return ".png"
    return own if kind is wanted else wanted.suffixes[0]


def _identity(path: Path) -> Optional[Tuple[int, int]]:
    """Return what tells a file apart, whatever name or link leads to it; None if there is none."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _refuse_clashes(jobs: Sequence[Job]) -> None:
    sources = {_identity(job.source) for job in jobs} - {None}
    taken: Dict[Path, Path] = {}
    for job in jobs:
        if _identity(job.target) in sources:
            raise UsageError(
                f"the result of {job.source} would replace the input {job.target}; "
                "give another output folder or leave it out"
            )
        other = taken.setdefault(job.target, job.source)
        if other is not job.source:
            raise UsageError(
                f"the results of {other} and {job.source} would both be {job.target}; "
                "upscale them in two runs, to different folders"
            )
