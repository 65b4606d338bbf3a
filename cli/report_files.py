"""Files that a command writes beside its results: checked before the work, not after it."""

from __future__ import annotations

from pathlib import Path

from pcsr_edge.errors import OutputError, UsageError
from pcsr_edge.runtime.images.atomic import refuse_special


def check_report(path: Path, overwrite: bool) -> None:
    """Make sure that a report can be written, as far as that can be told before.

    Raises:
        UsageError: it is `-`, which stands for stdout elsewhere.
        OutputError: its folder is missing, it is a folder, a device or a pipe, or it exists and
            `overwrite` is not set.
    """
    if str(path) == "-":
        raise UsageError("a report cannot be written to stdout; name a file in place of -")
    if not path.parent.is_dir():
        raise OutputError(f"{path} cannot be written: there is no folder {path.parent}")
    if path.is_dir():
        raise OutputError(f"{path} is a folder, expected the name of a file to write")
    if path.exists() and not overwrite:
        raise OutputError(f"{path} exists already; --overwrite replaces it")
    refuse_special(path)
