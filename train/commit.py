"""The commit of the code that trains, for a checkpoint's provenance."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Optional

TIMEOUT = 10
"""Seconds that git may take; a folder on a sleeping network disk should not stop a training."""


def code_commit(file: Path = Path(__file__)) -> Optional[str]:
    """Return the commit whose code runs: 40 digits, and `-changed` where files differ from it.

    Args:
        file: a source file, by default this one.

    Returns:
        None where git is absent or refuses, or does not track `file`: an installed package may
        lie inside a repository that is not its own.
    """
    file = file.resolve()
    if _git(file.parent, "ls-files", "--error-unmatch", file.name) is None:
        return None
    return _git(
        file.parent, "describe", "--always", "--abbrev=40", "--exclude=*", "--dirty=-changed"
    )


def _git(folder: Path, *arguments: str) -> Optional[str]:
    # Inside a hook, GIT_DIR and its kin would name another repository.
    environment = {name: v for name, v in os.environ.items() if not name.startswith("GIT_")}
    try:
        done = subprocess.run(
            ["git", "--no-optional-locks", "-C", str(folder), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=TIMEOUT,
            env=environment,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode("ascii", "replace").strip() or None
