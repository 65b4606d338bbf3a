"""What `upscale` will read and write, settled and checked before any work starts."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import Iterator, List, NamedTuple, Optional, Sequence

from pcsr_edge.cli.health.machine import blocking_folder, blocking_reason
from pcsr_edge.errors import OutputError, UsageError
from pcsr_edge.runtime.images import Job, plan_outputs


class Task(NamedTuple):
    """One picture, and what is to be written for it."""

    source: Path
    target: Path
    class_map: Optional[Path]


class Plan(NamedTuple):
    """What a run does."""

    tasks: List[Task]
    left_out: List[Path]
    """Results of earlier runs among the inputs, other than those that this run makes anew."""


class Wanted(NamedTuple):
    """What the user asked for."""

    inputs: Sequence[str]
    output: Optional[str]
    format: str
    """As `-f` spells it."""
    suffix: str
    """What the name of a result gets where no output is named, e.g. `_x4`."""
    class_map: Optional[str]


def plan(wanted: Wanted) -> Plan:
    """Settle what is read and written.

    Raises:
        UsageError: an output would replace an input or another output.
        InputError: an input does not exist or holds no picture.
        OutputError: a folder cannot be written.
    """
    jobs, results = plan_outputs(wanted.inputs, wanted.output, wanted.format, wanted.suffix)
    if wanted.class_map is None:
        tasks = [Task(job.source, job.target, None) for job in jobs]
    else:
        maps = _class_maps(jobs, Path(wanted.class_map))
        tasks = [Task(job.source, job.target, path) for job, path in zip(jobs, maps)]
        _refuse_shared(tasks)
    _refuse_blocked(tasks)
    made = {os.path.abspath(path) for path in _outputs(tasks)}
    return Plan(tasks, [path for path in results if os.path.abspath(path) not in made])


def _outputs(tasks: Sequence[Task]) -> Iterator[Path]:
    for task in tasks:
        yield task.target
        if task.class_map is not None:
            yield task.class_map


def _class_maps(jobs: Sequence[Job], place: Path) -> List[Path]:
    """Return where each class map goes: `place` itself, or names below it that mirror the targets.

    Raises:
        UsageError: several pictures and one file.
    """
    if place.suffix and not place.is_dir():
        if place.suffix.lower() != ".png":
            raise UsageError(f"the class map {place} must be a .png file, or a folder")
        if len(jobs) > 1:
            raise UsageError(
                f"{len(jobs)} pictures cannot share the class map {place}; give a folder"
            )
        return [place]
    root = os.path.commonpath([os.path.abspath(job.target.parent) for job in jobs])
    targets = [Path(os.path.relpath(os.path.abspath(job.target), root)) for job in jobs]
    stems = Counter(target.with_suffix("") for target in targets)
    return [
        place / target.parent / _class_map_name(target, stems[target.with_suffix("")] > 1)
        for target in targets
    ]


def _class_map_name(target: Path, shared: bool) -> str:
    """Return `photo_classes.png`, or `photo_jpg_classes.png` where a `photo.png` is there too."""
    return f"{target.stem}{'_' + target.suffix[1:] if shared else ''}_classes.png"


def _refuse_shared(tasks: Sequence[Task]) -> None:
    sources = {os.path.realpath(task.source) for task in tasks}
    uses = Counter(os.path.realpath(path) for path in _outputs(tasks))
    for task in tasks:
        path = os.path.realpath(task.class_map or "")
        if path in sources or uses[path] > 1:
            raise UsageError(
                f"the class map of {task.source} would replace {path}; give another name"
            )


def _refuse_blocked(tasks: Sequence[Task]) -> None:
    for folder in {path.parent for path in _outputs(tasks)}:
        blocking = blocking_folder(folder.absolute())
        if blocking is not None:
            raise OutputError(
                f"nothing can be written into {folder}: {blocking_reason(blocking)}; name another "
                "output"
            )


def refuse_existing(tasks: Sequence[Task]) -> None:
    """Refuse the whole run where outputs exist, before time is spent on any.

    Raises:
        OutputError: some exist.
    """
    existing = [path for path in _outputs(tasks) if os.path.lexists(path)]
    if existing:
        others = f" and {len(existing) - 1} more outputs" if len(existing) > 1 else ""
        raise OutputError(
            f"{existing[0]}{others} exist already; --overwrite replaces, --skip-existing keeps them"
            if others
            else f"{existing[0]} exists already; --overwrite replaces it, --skip-existing keeps it"
        )
