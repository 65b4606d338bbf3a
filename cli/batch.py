"""Works through the pictures of `upscale`, one after the other."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Iterator, List, Mapping, Optional, Sequence

from pcsr_edge.cli.class_map import colour
from pcsr_edge.cli.console import Console
from pcsr_edge.cli.outcome import DONE, FAILED, SKIPPED, Outcome
from pcsr_edge.cli.plan import Task
from pcsr_edge.cli.progress import Progress
from pcsr_edge.cli.tables import fractions_text, seconds_text
from pcsr_edge.cli.values import Size
from pcsr_edge.errors import PcsrEdgeError
from pcsr_edge.runtime.images import (
    Picture,
    check_target,
    model_input,
    read_picture,
    rejoin,
    write_picture,
)
from pcsr_edge.runtime.options import scaled_size
from pcsr_edge.runtime.result import Result
from pcsr_edge.runtime.upscaler import Upscaler


@dataclass(frozen=True)
class Request:
    """What is asked for all pictures alike."""

    scale: Optional[float]
    """Magnification; None where `size` is given."""
    size: Optional[Size]
    """Exact size of the results."""
    options: Mapping[str, Any]
    """Further arguments of `Upscaler.run`."""
    format: str
    """As `-f` spells it."""
    overwrite: bool
    skip_existing: bool
    max_pixels: int
    """Inputs with more are refused."""

    def output_size(self, size: Size) -> Size:
        """Return the size of the result for an input of `size`.

        Raises:
            UsageError: no picture can have it.
        """
        begin, scale = (size, self.scale or 1) if self.size is None else (self.size, 1)
        height, width = scaled_size((begin.height, begin.width), scale)
        return Size(width, height)


class Batch:
    """Runs tasks; what became of them stands in `outcomes`, also after an interruption.

    Args:
        tasks: what to do.
        request: how to do it.
        upscaler: None only checks: everything is read, nothing computed or written.
        console: receives failures, warnings and details.
    """

    def __init__(
        self,
        tasks: Sequence[Task],
        request: Request,
        upscaler: Optional[Upscaler],
        console: Console,
    ) -> None:
        self.outcomes: List[Outcome] = [Outcome(task) for task in tasks]
        self._request, self._upscaler, self._console = request, upscaler, console

    def run(self, progress: Progress) -> None:
        """Do every task; one that fails does not stop the others."""
        for outcome in self.outcomes:
            try:
                self._one(outcome, progress)
            except PcsrEdgeError as exc:
                self._failed(outcome, exc, exc.exit_code)
            except MemoryError as exc:
                self._failed(outcome, exc, 1)
            if outcome.status in (SKIPPED, FAILED):
                progress.one_left_out()
            else:
                progress.one_done()

    def _failed(self, outcome: Outcome, error: BaseException, code: int) -> None:
        if isinstance(error, MemoryError):
            outcome.message = (
                f"{outcome.task.source} needs more memory than there is; give a smaller "
                "scale or size, or cut the picture"
            )
            self._console.error(outcome.message)
        else:
            outcome.message = str(error)
            self._console.failure(error)
        outcome.status, outcome.exit_code = FAILED, code

    def _one(self, outcome: Outcome, progress: Progress) -> None:
        task, request = outcome.task, self._request
        if request.skip_existing and not _missing(task):
            outcome.status, outcome.message = SKIPPED, f"{task.target} exists"
            self._console.detail(f"{task.source}: skipped, {task.target} exists")
            return
        begin = time.perf_counter()
        picture = read_picture(task.source, max_pixels=request.max_pixels)
        outcome.input_size = Size(picture.size[1], picture.size[0])
        with _naming(task.source):
            outcome.output_size = request.output_size(outcome.input_size)
        self._check_targets(task, picture, outcome.output_size)
        outcome.times_ms["read"] = _since(begin)
        if self._upscaler is not None:
            result = self._upscale(self._upscaler, outcome, picture, progress)
            self._write(self._upscaler, outcome, picture, result)
            outcome.status = DONE
            if len(self.outcomes) > 1:
                self._console.detail(one_line(outcome))
        self._note(outcome, picture.notes)

    def _to_write(self, task: Task) -> List[Path]:
        """Return the files of a task that are to be written."""
        return _missing(task) if self._request.skip_existing else _files(task)

    def _check_targets(self, task: Task, picture: Picture, size: Size) -> None:
        height_width = (size.height, size.width)
        for path in self._to_write(task):
            # A class map is always a PNG without alpha.
            is_map = path == task.class_map
            check_target(
                replace(picture, alpha=None) if is_map else picture,
                path,
                format="auto" if is_map else self._request.format,
                overwrite=self._request.overwrite,
                size=height_width,
            )

    def _upscale(
        self, upscaler: Upscaler, outcome: Outcome, picture: Picture, progress: Progress
    ) -> Result:
        begin = time.perf_counter()
        size = outcome.output_size or Size(0, 0)
        with _naming(outcome.task.source):
            result = upscaler.run(
                model_input(picture),
                size=(size.height, size.width),
                progress=progress.tile_done,
                **self._request.options,
            )
        outcome.times_ms["upscale"] = _since(begin)
        outcome.stages_ms = {name: t for name, t in result.times.items() if name != "total"}
        outcome.fractions, outcome.tile, outcome.tiles = result.fractions, result.tile, result.tiles
        outcome.rung = result.rung
        if result.rung is not None:
            # Measuring and loading come once, and are no part of what the picture takes.
            choose = outcome.times_ms["upscale"] - result.times["total"]
            outcome.times_ms.update(choose=choose, upscale=result.times["total"])
        return result

    def _write(
        self, upscaler: Upscaler, outcome: Outcome, picture: Picture, result: Result
    ) -> None:
        begin = time.perf_counter()
        task, overwrite = outcome.task, self._request.overwrite
        to_write = self._to_write(task)
        if task.target in to_write:
            joined = rejoin(picture, result.image)
            style = self._request.format
            notes = write_picture(joined, task.target, format=style, overwrite=overwrite)
            self._note(outcome, notes)
        if task.class_map is not None and task.class_map in to_write:
            painted = colour(result.class_map, len(upscaler.bundle.manifest.classes))
            write_picture(Picture(painted), task.class_map, overwrite=overwrite)
        outcome.times_ms["write"] = _since(begin)

    def _note(self, outcome: Outcome, notes: Sequence[str]) -> None:
        outcome.notes.extend(notes)
        for note in notes:
            self._console.warn(f"{outcome.task.source}: {note}")


@contextmanager
def _naming(source: Path) -> Iterator[None]:
    """Put the picture in front of errors from what does not know its name."""
    try:
        yield
    except PcsrEdgeError as exc:
        raise type(exc)(f"{source}: {exc}") from exc


def _files(task: Task) -> List[Path]:
    return [task.target] if task.class_map is None else [task.target, task.class_map]


def _missing(task: Task) -> List[Path]:
    return [path for path in _files(task) if not os.path.lexists(path)]


def check_settings(
    upscaler: Upscaler, options: Mapping[str, Any], scale: Optional[float] = None
) -> None:
    """Prepare a tiny picture, so that a setting that suits no picture fails once, not for each.

    Args:
        upscaler: the model.
        options: arguments of `Upscaler.run`, without scale and size.
        scale: magnification that is asked for; None where it is the model's or goes by size.

    Raises:
        UsageError: k, class, tile or scale make no sense for this model.
    """
    if upscaler.bundle.manifest.any_scale:
        # A small one is quick.
        scale = 2
    upscaler.check((8, 8), scale=scale, **options)


def one_line(outcome: Outcome) -> str:
    """Say what became of a picture that is done."""
    seconds = seconds_text(sum(outcome.times_ms.values()) / 1000)
    tiles = f", {outcome.tiles} tiles" if outcome.tiles > 1 else ""
    return (
        f"{outcome.task.source} {outcome.input_size} -> {outcome.task.target} "
        f"{outcome.output_size} in {seconds}{tiles} ({fractions_text(outcome.fractions)})"
    )


def _since(begin: float) -> float:
    return (time.perf_counter() - begin) * 1e3
