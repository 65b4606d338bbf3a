"""Which video becomes which file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import List, NamedTuple, Optional

from pcsr_edge.cli.health.machine import blocking_folder
from pcsr_edge.cli.upscale import Paths
from pcsr_edge.errors import OutputError, UsageError
from pcsr_edge.runtime.images import SUFFIXES
from pcsr_edge.runtime.video.encoding import CONTAINERS, container_of
from pcsr_edge.runtime.video.recognition import PIPE, is_sequence, is_video, is_video_output


class VideoTask(NamedTuple):
    """One video file, and the file that its result goes to."""

    source: Path
    target: Path


def concerns_videos(paths: Paths) -> bool:
    """Return whether a command is about videos.

    Raises:
        UsageError: about videos and pictures at once.
    """
    videos = [text for text in paths.inputs if is_video(text)]
    if videos and len(videos) < len(paths.inputs):
        others = [text for text in paths.inputs if text not in videos]
        raise UsageError(f"{videos[0]} is a video and {others[0]} is not; upscale them in two runs")
    lone = paths.output == PIPE and not any(is_sequence(text) for text in paths.inputs)
    if (lone and not videos) or (PIPE in videos and not _takes_frames(paths.output)):
        raise UsageError(
            "single pictures are not read from or written to a pipe; name files in place of -"
        )
    return bool(videos) or is_video_output(paths.output)


def _takes_frames(output: Optional[str]) -> bool:
    """Return whether an output is none for a single picture; a missing one is told later."""
    return output is None or is_video_output(output) or os.path.splitext(output)[1] not in SUFFIXES


def plan_videos(paths: Paths, suffix: str) -> List[VideoTask]:
    """Return what is to be done.

    Without an output, results go next to their sources: `film.mp4` → `film_x4.mp4`; and keep
    the container, Matroska in place of one that is not written.

    Raises:
        UsageError: results would meet, or replace an input, or are of an unknown kind.
        OutputError: a folder cannot be written.
    """
    tasks = [VideoTask(Path(text), _target(Path(text), paths, suffix)) for text in paths.inputs]
    for number, task in enumerate(tasks):
        if any(_same(task.target, other.source) for other in tasks):
            raise UsageError(
                f"the result of {task.source} would replace an input; give another output"
            )
        if any(task.target == other.target for other in tasks[:number]):
            raise UsageError(f"two results would both be {task.target}; upscale them in two runs")
        blocking = blocking_folder(task.target.parent.absolute())
        if blocking is not None:
            raise OutputError(
                f"nothing can be written into {task.target.parent}: {blocking} forbids it; name "
                "another output"
            )
    return tasks


def _target(source: Path, paths: Paths, suffix: str) -> Path:
    own = source.suffix if source.suffix.lower() in CONTAINERS else ".mkv"
    if paths.output is None:
        return source.with_name(f"{source.stem}{suffix}{own}")
    output = Path(paths.output)
    names_folder = paths.output.endswith(("/", os.sep)) or output.is_dir() or not output.suffix
    if names_folder:
        return output / f"{source.stem}{own}"
    if len(paths.inputs) > 1:
        raise UsageError(
            f"the output {output} is one file, and {len(paths.inputs)} videos are named; give a "
            "folder with -o"
        )
    container_of(output)
    return output


def _same(one: Path, other: Path) -> bool:
    try:
        return os.path.samefile(one, other)
    except OSError:
        return False
