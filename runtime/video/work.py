"""The folder in which a result comes into being: its segments, and what they are segments of."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any, BinaryIO, Dict, List, Mapping, Optional

from pcsr_edge.errors import InputError, OutputError, UsageError
from pcsr_edge.runtime.video.segment import SegmentIndex, finished_segments

STATE = "state.json"
_SAMPLE = 2**20


def work_folder(target: Path) -> Path:
    """Return the folder that belongs to a result, beside it."""
    return target.with_name(f".{target.name}.pcsr-edge")


def fingerprint(path: Path) -> Dict[str, Any]:
    """Return what tells a file from another: its size, and a hash of its first and last MiB.

    Raises:
        InputError: it cannot be read.
    """
    try:
        size = os.stat(path).st_size
        digest = hashlib.sha256()
        with open(path, "rb") as file:
            digest.update(file.read(_SAMPLE))
            file.seek(max(0, size - _SAMPLE))
            digest.update(file.read(_SAMPLE))
    except OSError as exc:
        raise InputError(f"{path} cannot be read: {exc.strerror}") from exc
    return {"bytes": size, "sha256": digest.hexdigest()}


class Work:
    """An open work folder; a context manager that lets nobody else in.

    Args:
        target: the result.
        settings: all that the frames of the result depend on, as JSON can hold it.
        discard: whether unfinished work with other settings may be deleted.

    Raises:
        UsageError: there is unfinished work with other settings.
        OutputError: the folder cannot be written, or another run uses it.
        InputError: a segment in it is damaged.
    """

    def __init__(self, target: Path, settings: Mapping[str, Any], discard: bool = False) -> None:
        self.folder = work_folder(target)
        self._target = target
        self._lock: Optional[BinaryIO] = None
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock = _locked(self.folder, target)
            self._settle(json.loads(json.dumps(settings)), discard)
            for part in self.folder.glob("*.part"):
                part.unlink()
            self.finished: List[SegmentIndex] = finished_segments(self.folder)
        except OSError as exc:
            self.close()
            raise OutputError(
                f"{self.folder} cannot be written: {exc.strerror}; name another output"
            ) from exc
        except BaseException:
            self.close()
            raise

    def remove(self) -> None:
        """Delete the folder: the result is complete, or not wanted."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def close(self) -> None:
        """Let others in; an empty folder is deleted."""
        if self._lock is None:
            return
        if self.folder.is_dir() and not any(self.folder.glob("segment-*.seg")):
            self.remove()
        self._lock.close()
        self._lock = None

    def __enter__(self) -> Work:
        return self

    def __exit__(self, *_reason: object) -> None:
        self.close()

    def _settle(self, settings: Dict[str, Any], discard: bool) -> None:
        """Make sure that the segments in the folder are such of this result."""
        state = self.folder / STATE
        before = _read_state(state)
        if before == settings:
            return
        begun = any(self.folder.glob("segment-*.seg"))
        if begun and not before and not discard:
            raise UsageError(
                f"{self.folder} holds unfinished work on {self._target} that cannot be gone on "
                f"with: {STATE} in it cannot be read; give --overwrite to begin anew"
            )
        if begun and not discard:
            raise UsageError(
                f"{self.folder} holds unfinished work on {self._target} by another command "
                f"or version ({_difference(before, settings)}); give what was given there to go "
                "on, or --overwrite to begin anew"
            )
        for path in self.folder.glob("segment-*"):
            path.unlink()
        part = state.with_suffix(".part")
        part.write_text(json.dumps(settings, indent=2, sort_keys=True))
        os.replace(part, state)


def _read_state(path: Path) -> Dict[str, Any]:
    try:
        state = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}


def _difference(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    names = sorted({*before, *now})
    name = next(name for name in names if before.get(name, ...) != now.get(name, ...))
    if name == "input":
        return "the input is another one, or has changed"
    was, is_ = before.get(name), now.get(name)
    if isinstance(was, dict) and isinstance(is_, dict):
        return _difference(was, is_)
    return f"{name}: {was!r} there, {is_!r} here"


def _locked(folder: Path, target: Path) -> BinaryIO:
    """Open the lock of a folder, which the system frees when the process ends."""
    lock = open(folder / "lock", "ab")  # noqa: SIM115 - it stays open while the work does
    try:
        import fcntl

        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except ImportError:
        # Windows has no such lock, and will not delete files that another process has open.
        return lock
    except OSError as exc:
        lock.close()
        raise OutputError(f"another run is working on {target}; wait until it ends") from exc
    return lock
