"""Reads a profile from its file, and checks what a comparison needs of it."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Dict, Mapping, Optional, Tuple

from pcsr_edge.calib.profiling.profile import COMMAND, SCHEMA_VERSION
from pcsr_edge.errors import ProfileError

Key = Tuple[Any, ...]
"""What two cases must have in common to be compared."""
IDENTITY = ("backend", "threads", "model", "setting", "precision")
OF_MACHINE = 2
"""So many of these, the first ones, are a matter of the machine."""
MACHINE = ("device", "power_mode")
"""Fields of the conditions that must be equal where both profiles tell them."""
SETTINGS = ("image", "format", "tile", "memory_limit")
"""Of the settings, those that change what an upscaling takes: a frame of video is none of RGB."""


@dataclass(frozen=True)
class ReadCase:
    """One case of a profile that was read."""

    key: Key
    name: str
    """As it is shown: model, setting, size and what else tells cases apart."""
    frames_ms: Tuple[float, ...]
    """Wall times of the upscalings, in order."""
    stages_ms: Mapping[str, float]
    """Stage → median in ms, added up over threads."""
    graphs: str = ""
    """Hash of the graphs that ran."""

    @property
    def work(self) -> Key:
        """What is done, whatever backend and threads do it."""
        return self.key[OF_MACHINE:]


@dataclass(frozen=True)
class ReadProfile:
    """What a comparison needs of a profile."""

    path: Path
    created: str
    machine: Mapping[str, Optional[str]]
    """The fields of `MACHINE`."""
    software: Mapping[str, str]
    settings: Mapping[str, Optional[str]]
    """The fields of `SETTINGS`, and whether clocks were pinned."""
    cautions: Tuple[str, ...]
    """The texts of its warning list."""
    cases: Mapping[Key, ReadCase]


def read_profile(path: Path) -> ReadProfile:
    """Read a document that `pcsr-edge profile --json` wrote.

    Raises:
        ProfileError: the file cannot be read, is no profile, or one of another schema.
    """
    document = _document(path)
    if document.get("command") != COMMAND:
        raise ProfileError(f"{path} is no profile; expected what pcsr-edge profile --json wrote")
    version = document.get("schema_version")
    if version != SCHEMA_VERSION:
        raise ProfileError(
            f"{path} is a profile of schema {version!r}, expected {SCHEMA_VERSION}; measure again "
            "with this version of pcsr-edge, or compare with the version that wrote it"
        )
    try:
        return _profile(path, document)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as exc:
        raise ProfileError(
            f"{path} is damaged: a profile lacks a field or has one of another kind ({exc!r}); "
            "measure again"
        ) from exc


def _document(path: Path) -> Dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as exc:
        raise ProfileError(
            f"{path} cannot be read: {exc.strerror or exc}; expected the file of a profile"
        ) from exc
    except (ValueError, RecursionError) as exc:
        raise ProfileError(
            f"{path} holds no JSON; expected what pcsr-edge profile --json wrote"
        ) from exc
    return document if isinstance(document, dict) else {}


def _profile(path: Path, document: Mapping[str, Any]) -> ReadProfile:
    cases: Dict[Key, ReadCase] = {}
    for entry in document["cases"]:
        case = _case(entry)
        if case.key in cases:
            # The same on two devices, e.g. cuda:0 and cuda:1.
            device = str(entry["device"])
            case = replace(case, key=(*case.key, device), name=f"{case.name}, {device}")
        cases[case.key] = case
    if not cases:
        raise ValueError("no cases")
    before = document["conditions"]["before"]
    return ReadProfile(
        path=path,
        created=str(document["created"]),
        machine={name: before.get(name) for name in MACHINE},
        software={str(name): str(value) for name, value in document["software"].items()},
        settings={
            **{name: _text(document["settings"].get(name)) for name in SETTINGS},
            "clocks_pinned": _text(before.get("clocks_pinned")),
        },
        cautions=tuple(str(caution["text"]) for caution in document["cautions"]),
        cases=cases,
    )


def _case(entry: Mapping[str, Any]) -> ReadCase:
    width, height = (int(n) for n in entry["size"])
    wide, high = (int(n) for n in entry["output_size"])
    identity = tuple(entry[name] for name in IDENTITY)
    frames = tuple(float(ms) for _, ms in entry["frames"])
    if not frames or not all(math.isfinite(ms) and ms > 0 for ms in frames):
        raise ValueError("a time is no number above 0")
    backend, threads, model, setting, precision = identity
    stages = {str(name): float(s["p50"]) for name, s in entry["stages_ms"].items()}
    parts = [f"{model} {setting}".strip(), f"{width}x{height}", precision, backend]
    name = ", ".join([*map(str, parts), f"threads {threads}"])
    key = (*identity, width, height, wide, high)
    hash(key)  # a list in place of a name is no key
    return ReadCase(key, name, frames, stages, str(entry["graphs"]))


def _text(value: Any) -> Optional[str]:
    return None if value is None else str(value)
