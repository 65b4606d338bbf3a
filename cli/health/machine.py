"""Checks of the machine: processor, memory, cache folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import FrozenSet, Optional

from pcsr_edge.cli.health.finding import NO_COMMAND, OK, WARNING, Finding
from pcsr_edge.cli.tables import bytes_text

FEATURES = ("avx512f", "avx512_vnni", "avx2", "fma", "asimd", "asimddp", "asimdhp", "neon", "sve")
FAST_FEATURES = ("avx2", "avx512f", "asimd", "neon")
LITTLE_MEMORY = 512 * 2**20


def read_text(path: str) -> str:
    """Return the text of a file of /proc, empty where there is none."""
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def usable_threads() -> int:
    """Return how many CPUs this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def cpu_features(cpuinfo: str) -> FrozenSet[str]:
    """Return the features that /proc/cpuinfo lists (`flags` on x86, `Features` on ARM)."""
    for line in cpuinfo.splitlines():
        key, _, value = line.partition(":")
        if key.strip() in ("flags", "Features"):
            return frozenset(value.split())
    return frozenset()


def check_cpu(threads: int, cpuinfo: str) -> Finding:
    """Report the CPU threads this process may use, and the vector instructions."""
    features = cpu_features(cpuinfo)
    known = [name for name in FEATURES if name in features]
    text = f"{threads} thread{'' if threads == 1 else 's'}"
    if not features:
        return Finding("cpu", OK, f"{text}, features unknown")
    if not any(name in features for name in FAST_FEATURES):
        text += f", no AVX2 and no NEON: expect it to be slow; {NO_COMMAND}"
        return Finding("cpu", WARNING, text)
    return Finding("cpu", OK, f"{text}, {' '.join(known)}")


def check_memory(meminfo: str) -> Finding:
    """Report the memory that is free, from the text of /proc/meminfo."""
    for line in meminfo.splitlines():
        if line.startswith("MemAvailable:"):
            available = int(line.split()[1]) * 1024
            break
    else:
        return Finding("memory", OK, "free memory unknown")
    text = f"{bytes_text(available)} free"
    if available < LITTLE_MEMORY:
        return Finding(
            "memory",
            WARNING,
            f"{text}: large pictures will be slow",
            "pcsr-edge upscale IN OUT --memory-limit 256MiB",
        )
    return Finding("memory", OK, text)


def blocking_folder(folder: Path) -> Optional[Path]:
    """Return the existing folder or file that forbids to write into `folder`, None if nothing does.

    Nothing is created: what counts is the nearest parent that exists.
    """
    present = next(path for path in (folder, *folder.parents) if os.path.exists(path))
    writable = present.is_dir() and os.access(str(present), os.W_OK | os.X_OK)
    return None if writable else present


def blocking_reason(blocking: Path) -> str:
    """Say why nothing can be written into what `blocking_folder` returned."""
    return f"{blocking} is {'write-protected' if blocking.is_dir() else 'no folder'}"


def check_cache(folder: Path, blocking: Optional[Path]) -> Finding:
    """Report whether the cache folder can be written."""
    if blocking is None:
        return Finding("cache", OK, f"{folder} can be written")
    return Finding(
        "cache",
        WARNING,
        f"{folder} cannot be written: {blocking_reason(blocking)}",
        "export PCSR_EDGE_CACHE=$HOME/my-cache",
    )
