"""Keeps what was measured on this machine in the user's cache."""

from __future__ import annotations

import hashlib
import json
import platform
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Optional

from pcsr_edge.errors import OutputError
from pcsr_edge.runtime.images.atomic import write_atomically
from pcsr_edge.runtime.network import Network
from pcsr_edge.runtime.tuning import Tuning, measure

VERSION = 1
"""Of the files; others are measured again."""
CPUINFO = Path("/proc/cpuinfo")


def tuning_of(network: Network, precision: str, backend: str, folder: Optional[Path]) -> Tuning:
    """Return the choices for `network`, read from `folder` or measured now.

    A folder that cannot be read or written costs the measuring each time, nothing else.

    Args:
        network: whose engines may be called.
        precision: of its graphs.
        backend: name of what runs them.
        folder: of the cache; it is made; None keeps nothing.
    """
    if folder is None:
        return measure(network)
    path = folder / "tuning" / f"{_key(network, precision, backend)}.json"
    tuning = _read(path, network.classes)
    if tuning is None:
        tuning = measure(network)
        text = json.dumps({"version": VERSION, **asdict(tuning)})
        with suppress(OutputError):
            write_atomically(path, text.encode(), overwrite=True)
    return tuning


def _read(path: Path, classes: int) -> Optional[Tuning]:
    """Return what a file says; None where it is not there or not ours."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        batch = tuple(int(value) for value in data["batch"])
        shares = tuple(float(value) for value in data["every_from"])
        ours = data["version"] == VERSION
    except (OSError, ValueError, KeyError, TypeError):
        return None
    fits = len(batch) == len(shares) == classes and min(batch) > 0
    return Tuning(batch, shares) if ours and fits else None


def _key(network: Network, precision: str, backend: str) -> str:
    """Return a name that changes with everything that the times depend on."""
    graphs = network.manifest.precisions[precision]
    parts = [backend, platform.machine(), _processor(), *(g.sha256 for g in graphs.values())]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


def _processor() -> str:
    """Return model and features of the first processor, as far as the system tells."""
    try:
        text = CPUINFO.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return platform.processor()
    lines = text.split("\n\n", 1)[0].splitlines()
    # The clock changes from one reading to the next.
    return "\n".join(line for line in lines if "MHz" not in line and "BogoMIPS" not in line)
