"""Checks of Python and of the packages it finds."""

from __future__ import annotations

import shutil
from importlib import metadata
from typing import Mapping, Optional, Tuple

from pcsr_edge.cli.health.finding import (
    NO_COMMAND,
    OK,
    PROBLEM,
    WARNING,
    Finding,
    version_numbers,
)
from pcsr_edge.cli.health.probe import Probe
from pcsr_edge.installation import checkout, install_command, source

ONNXRUNTIME_NAMES = (
    "onnxruntime",
    "onnxruntime-gpu",
    "onnxruntime-openvino",
    "onnxruntime-rocm",
    "onnxruntime-migraphx",
    "onnxruntime-qnn",
    "onnxruntime-directml",
)
"""All are the same module."""
OLDEST_PYTHON = (3, 8)
NEWER_PYTHONS = tuple(f"python3.{minor}" for minor in range(14, 7, -1))
ENVIRONMENT = "~/.local/share/pcsr-edge/env"
"""Where the set-up scripts make it as well."""
OLDEST_ONNXRUNTIME = (1, 15)
ILLEGAL_ON_ARM = (1, 21, 0)


def installed(name: str) -> Optional[str]:
    """Return the version of an installed distribution, None where there is none."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def newer_python() -> Optional[str]:
    """Return the name of a Python on PATH that is new enough, None where there is none."""
    return next(filter(shutil.which, NEWER_PYTHONS), None)


def check_python(version: Tuple[int, ...], newer: Optional[str]) -> Finding:
    """Check the version of Python.

    Args:
        version: e.g. (3, 11, 7).
        newer: what `newer_python` found.
    """
    text = ".".join(str(part) for part in version[:3])
    if version[:2] >= OLDEST_PYTHON:
        return Finding("python", OK, text)
    text += " is too old, 3.8 is the oldest that works"
    if newer is None:
        text += f"; no newer one was found, and {NO_COMMAND}: install a newer system"
        return Finding("python", PROBLEM, text)
    make = f"{newer} -m venv {ENVIRONMENT} && {ENVIRONMENT}/bin/python -m pip install "
    make += f'"{checkout() or source()}"'
    return Finding("python", PROBLEM, text, make)


def check_onnxruntime(versions: Mapping[str, Optional[str]], machine: str) -> Finding:
    """Check which ONNX Runtime is installed.

    Args:
        versions: distribution name → version or None, for `ONNXRUNTIME_NAMES`.
        machine: as `platform.machine()` gives it, e.g. `aarch64`.
    """
    found = {name: version for name, version in versions.items() if version is not None}
    if not found:
        return Finding("onnxruntime", PROBLEM, "not installed", "pip install onnxruntime")
    if len(found) > 1:
        return Finding(
            "onnxruntime",
            PROBLEM,
            f"{' and '.join(found)} are installed together and overwrite each other's files",
            f"pip uninstall -y {' '.join(found)} && pip install onnxruntime",
        )
    ((name, version),) = found.items()
    return _check_version(name, version, machine)


def _check_version(name: str, version: str, machine: str) -> Finding:
    numbers = version_numbers(version)
    arm = machine in ("aarch64", "arm64")
    mend = f'pip install --upgrade "{name}>=1.15,!=1.21.0"'
    if arm and name != "onnxruntime":
        # Builds for a board's GPU come from the vendor; the index has none for ARM.
        mend = f"pip uninstall -y {name} && pip install onnxruntime"
    if numbers == ILLEGAL_ON_ARM and arm:
        text = f"{name} {version} stops with an illegal instruction on older ARM processors"
        return Finding("onnxruntime", PROBLEM, text, mend)
    if numbers < OLDEST_ONNXRUNTIME:
        text = f"{name} {version} is too old, 1.15 is the oldest that works"
        return Finding("onnxruntime", PROBLEM, text, mend)
    return Finding("onnxruntime", OK, f"{name} {version}")


def check_providers(probe: Probe) -> Finding:
    """Check that ONNX Runtime can be imported; the probe printed its providers, spaced."""
    if not probe.passed:
        return Finding(
            "providers",
            PROBLEM,
            f"onnxruntime cannot be imported: {probe.reason()}",
            "pip install --upgrade --force-reinstall onnxruntime",
        )
    providers = probe.output.split()
    if "CPUExecutionProvider" not in providers:
        return Finding(
            "providers",
            PROBLEM,
            f"onnxruntime has no CPU provider, only {', '.join(providers) or 'none'}",
            "pip install --upgrade --force-reinstall onnxruntime",
        )
    return Finding("providers", OK, ", ".join(providers))


def check_import(name: str, requirement: str, probe: Probe, *, required: bool) -> Finding:
    """Check that a package can be imported; the probe printed its version."""
    if probe.passed:
        return Finding(name, OK, probe.output)
    return Finding(
        name,
        PROBLEM if required else WARNING,
        f"cannot be imported: {probe.reason()}",
        f'pip install --upgrade --force-reinstall "{requirement}"',
    )


def check_optional(name: str, version: Optional[str], extra: str, purpose: str) -> Finding:
    """Report a package that only some commands need."""
    if version is None:
        return Finding(name, OK, f"not installed; only {purpose} it", install_command(extra))
    return Finding(name, OK, version)
