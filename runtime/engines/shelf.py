"""The cache of engines: one file each, in the user's cache folder.

A file is one line of JSON, which says what the engine is, and the engine. So both are there or
neither, and the folder can be listed without TensorRT.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Dict, List, Optional

from pcsr_edge.errors import EngineError, OutputError
from pcsr_edge.runtime.cache import CACHE_VARIABLE, cache_folder
from pcsr_edge.runtime.engines.identity import Identity, Place, identity_from
from pcsr_edge.runtime.engines.verdict import Verdict, verdict_from
from pcsr_edge.runtime.images.atomic import write_atomically

VERSION = 1
"""Of the files; others are no engines of ours."""
LONGEST_HEAD = 2**16


@dataclass(frozen=True)
class Record:
    """What is known of an engine in the cache."""

    identity: Identity
    graph: str
    """Name of the graph."""
    model: str
    """Name of the bundle it was exported for; empty where unknown."""
    seconds: float
    """That it took to build."""
    created: str
    """ISO 8601."""
    sha256: str
    """Of the engine."""

    def to_line(self) -> bytes:
        """Return the first line of the file."""
        return json.dumps({"pcsr_edge_engine": VERSION, **asdict(self)}).encode() + b"\n"


@dataclass(frozen=True)
class Kept:
    """An engine in the cache."""

    path: Path
    size: int
    """Bytes of the file."""
    record: Optional[Record]
    """None where the file is damaged, or of another release."""
    verdict: Optional[Verdict] = None
    """None where it was never judged."""


class Shelf:
    """The folder of engines.

    Args:
        folder: by default `engines` in the user's cache; it is made when something is kept.
    """

    def __init__(self, folder: Optional[Path] = None) -> None:
        if folder is None:
            cache = cache_folder()
            folder = None if cache is None else cache / "engines"
        self.folder = folder

    def find(self, identity: Identity) -> Optional[bytes]:
        """Return an engine; None where there is none, or its file is damaged."""
        if self.folder is None:
            return None
        try:
            content = self._path(identity).read_bytes()
        except OSError:
            return None
        head, _, plan = content.partition(b"\n")
        record = _record(head)
        if record is None or hashlib.sha256(plan).hexdigest() != record.sha256:
            return None
        return plan

    def keep(self, record: Record, plan: bytes) -> None:
        """Write an engine, whole or not at all.

        Raises:
            EngineError: it cannot be written.
        """
        self._write(self._path(record.identity), record.to_line() + plan)

    def kept(self) -> List[Kept]:
        """Return all engines, by the time of their files."""
        if self.folder is None or not self.folder.is_dir():
            return []
        found = []
        for path in self.folder.glob("*.engine"):
            with suppress(OSError):  # another process has just removed it
                with path.open("rb") as file:
                    head = file.readline(LONGEST_HEAD)
                found.append((path.stat().st_mtime, self._kept(path, _record(head))))
        return [kept for _, kept in sorted(found, key=lambda pair: (pair[0], str(pair[1].path)))]

    def _kept(self, path: Path, record: Optional[Record]) -> Kept:
        verdict = None if record is None else self.verdict(record.identity, record.sha256)
        return Kept(path, path.stat().st_size, record, verdict)

    def verdict(self, identity: Identity, sha256: str) -> Optional[Verdict]:
        """Return what came of judging the engine of that hash; None where it never was."""
        if self.folder is None:
            return None
        try:
            return verdict_from(self._verdict_path(identity).read_bytes(), sha256)
        except OSError:
            return None

    def keep_verdict(self, identity: Identity, sha256: str, verdict: Verdict) -> None:
        """Write what came of judging an engine.

        Raises:
            EngineError: it cannot be written.
        """
        self._write(self._verdict_path(identity), verdict.to_json(sha256))

    def relatives(self, identity: Identity) -> List[Record]:
        """Return the engines of the same graph and shapes that were built elsewhere."""
        records = (kept.record for kept in self.kept() if kept.record is not None)
        same = identity.graph, identity.shapes
        return [
            record
            for record in records
            if (record.identity.graph, record.identity.shapes) == same
            and record.identity != identity
        ]

    def seconds(self, place: Place) -> List[float]:
        """Return how long earlier builds took on this GPU with this TensorRT."""
        records = (kept.record for kept in self.kept() if kept.record is not None)
        return [record.seconds for record in records if record.identity.place == place]

    def timings(self, place: Place) -> bytes:
        """Return what TensorRT measured in earlier builds; empty where there were none."""
        if self.folder is None:
            return b""
        try:
            return self._timings_path(place).read_bytes()
        except OSError:
            return b""

    def keep_timings(self, place: Place, timings: bytes) -> None:
        """Write what TensorRT measured.

        Raises:
            EngineError: it cannot be written.
        """
        self._write(self._timings_path(place), timings)

    def check_writable(self) -> None:
        """Make sure, by writing, that an engine could be kept: building one may take minutes.

        Raises:
            EngineError: it could not.
        """
        probe = self._folder() / f"probe-{secrets.token_hex(8)}"
        self._write(probe, b"")
        with suppress(OSError):
            os.unlink(probe)

    def clear(self) -> List[Kept]:
        """Remove every engine and what was measured; return the engines that are gone.

        Raises:
            OutputError: a file cannot be removed.
        """
        gone = self.kept()
        folder, more = self.folder, ("*.timings", "*.verdict")
        others = [] if folder is None else [p for kind in more for p in folder.glob(kind)]
        for path in [*(kept.path for kept in gone), *others]:
            try:
                path.unlink()
            except FileNotFoundError:
                continue
            except OSError as exc:
                raise OutputError(f"{path} cannot be removed: {exc.strerror}") from exc
        return gone

    def _folder(self) -> Path:
        if self.folder is None:
            raise EngineError(
                "engines have nowhere to go: this user has no home; name a folder in "
                f"{CACHE_VARIABLE}"
            )
        return self.folder

    def _path(self, identity: Identity) -> Path:
        return self._folder() / f"{identity.key}.engine"

    def _verdict_path(self, identity: Identity) -> Path:
        return self._folder() / f"{identity.key}.verdict"

    def _timings_path(self, place: Place) -> Path:
        return self._folder() / f"{place.key}.timings"

    def _write(self, path: Path, content: bytes) -> None:
        try:
            write_atomically(path, content, overwrite=True)
        except OutputError as exc:
            raise EngineError(
                f"engines cannot be kept, which would cost minutes in every run: {exc}, named in "
                f"{CACHE_VARIABLE}"
            ) from exc


def _record(head: bytes) -> Optional[Record]:
    """Return what the first line of a file says; None where it is not one of ours."""
    try:
        data: Dict[str, Any] = json.loads(head.decode("utf-8"))
        if data.pop("pcsr_edge_engine") != VERSION:
            return None
        data["identity"] = identity_from(data["identity"])
        record = Record(**data)
        texts = record.graph, record.model, record.created, record.sha256
        whole = all(isinstance(text, str) for text in texts)
        return record if whole and isinstance(record.seconds, (int, float)) else None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
