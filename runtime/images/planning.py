"""Where the result of each picture goes."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path, PurePath
from typing import Dict, List, NamedTuple, Optional, Sequence, Tuple

from pcsr_edge.errors import UsageError
from pcsr_edge.runtime.images.formats import (
    FORMATS,
    SUFFIXES,
    PictureFormat,
    check_format,
    format_of_name,
)
from pcsr_edge.runtime.images.listing import Found, picture_files
from pcsr_edge.runtime.images.results import earlier_results

_UNWRITABLE = frozenset([".avif", ".exr", ".gif", ".heic", ".jp2", ".jxl", ".pdf", ".ppm", ".svg"])


class Job(NamedTuple):
    """One picture file to upscale, and the file its result goes to."""

    source: Path
    target: Path


class OutputPlan(NamedTuple):
    """What a run upscales."""

    jobs: List[Job]
    left_out: List[Path]
    """Results of earlier runs that lie among the inputs."""


def plan_outputs(
    inputs: Sequence[str], output: Optional[str], format: str, default_suffix: str
) -> OutputPlan:
    """Plan where the result of each picture goes; nothing is read or written.

    - Without `output`, next to its source: `photo.jpg` → `photo_x4.jpg`. Files in folders and
      patterns that are such results of an earlier run, of any scale and format, are left out.
    - One named file and an output with a picture's suffix: that file.
    - One named file and a new name with another suffix, such as `a.jpgg`: refused as mistyped.
    - Else `output` is a folder, made when needed, in which the inputs' folders are mirrored and
      names are kept. In the folder of the source itself it is as without `output`.

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
    if output is not None and folder is not None and len(found) == 1 and found[0].named:
        _refuse_mistyped(output)
    if output is not None and folder is None:
        return OutputPlan([Job(found[0].source, _single_target(Path(output), found, format))], [])
    if folder is not None and os.path.lexists(folder) and not os.path.isdir(folder):
        raise UsageError(f"the output {folder} is a file, expected a folder or a new name")
    beside = [entry for entry in found if folder is None or _is_beside(entry, folder)]
    results = earlier_results(entry.source for entry in beside)
    left_out = [e.source for e in beside if not e.named and e.source in results]
    dropped = set(left_out)
    wanted = [entry for entry in found if entry.source not in dropped]
    jobs = _named_jobs(wanted, folder, format, default_suffix)
    _refuse_clashes(jobs)
    return OutputPlan(jobs, left_out)


def _is_beside(entry: Found, folder: Path) -> bool:
    """Return whether the result of `entry` would lie in the folder of its source."""
    place = os.path.realpath(folder / entry.relative.parent)
    return place == os.path.realpath(entry.source.parent)


def _names_file(output: str) -> bool:
    if output.endswith(("/", os.sep)) or os.path.isdir(output):
        return False
    suffix = PurePath(output).suffix.lower()
    if suffix in _UNWRITABLE:
        raise UsageError(f"{suffix} files cannot be written: end {output} in {', '.join(SUFFIXES)}")
    return suffix in SUFFIXES


def _refuse_mistyped(output: str) -> None:
    """Refuse what would become a folder, although it looks like the name of a picture."""
    suffix = PurePath(output).suffix
    if suffix and not output.endswith(("/", os.sep)) and not os.path.isdir(output):
        raise UsageError(
            f"the output {output} ends in {suffix}, which is no picture's suffix: end it in "
            f"{', '.join(SUFFIXES)}, or in / if a folder is meant"
        )


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
    targets = [_target(entry, folder, format, default_suffix) for entry in found]
    shared = Counter(targets)
    for i, entry in enumerate(found):
        if shared[targets[i]] > 1:
            targets[i] = _target(entry, folder, format, default_suffix, distinct=True)
    return [Job(entry.source, target) for entry, target in zip(found, targets)]


def _target(
    entry: Found, folder: Optional[Path], format: str, default_suffix: str, distinct: bool = False
) -> Path:
    beside = folder is None or _is_beside(entry, folder)
    parent = entry.source.parent if folder is None else folder / entry.relative.parent
    added = default_suffix if beside else ""
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
