"""All checks in order, on the real machine."""

from __future__ import annotations

import platform
import sys
from typing import Iterator, NamedTuple

from pcsr_edge.cli.health import bundles, gpu, machine, packages
from pcsr_edge.cli.health.finding import PROBLEM, Finding
from pcsr_edge.cli.health.probe import run_python
from pcsr_edge.cli.options import DEFAULT_MODEL
from pcsr_edge.runtime.cache import cache_folder

OPTIONAL = (("torch", "train", "export and train need"), ("onnx", "export", "export needs"))
"""Distribution, extra that brings it, who needs it."""
PROVIDERS_CODE = "import onnxruntime; print(*onnxruntime.get_available_providers())"


class Package(NamedTuple):
    """A package that pictures cannot do without, or can."""

    name: str
    module: str
    requirement: str
    required: bool


PACKAGES = (
    Package("numpy", "numpy", "numpy", True),
    Package("pillow", "PIL", "pillow", True),
    Package("pyvips", "pyvips", "pyvips[binary]", False),
    Package("tqdm", "tqdm", "tqdm", True),
)


def findings() -> Iterator[Finding]:
    """Yield every finding; some checks take a second."""
    broken = False
    for finding in _installation():
        broken = broken or finding.level == PROBLEM
        yield finding
    # On a broken installation it would only repeat the problem, or crash.
    yield (
        bundles.not_run()
        if broken
        else bundles.check_run(run_python(bundles.RUN_CODE.format(model=DEFAULT_MODEL)))
    )
    yield machine.check_cpu(machine.usable_threads(), machine.read_text("/proc/cpuinfo"))
    yield machine.check_memory(machine.read_text("/proc/meminfo"))
    folder = cache_folder()
    if folder is not None:
        yield machine.check_cache(folder, machine.blocking_folder(folder))


def _installation() -> Iterator[Finding]:
    yield packages.check_python(tuple(sys.version_info[:3]))
    for package in PACKAGES:
        probe = run_python(f"import {package.module} as module; print(module.__version__)")
        yield packages.check_import(
            package.name, package.requirement, probe, required=package.required
        )
    versions = {name: packages.installed(name) for name in packages.ONNXRUNTIME_NAMES}
    yield packages.check_onnxruntime(versions, platform.machine())
    yield packages.check_providers(run_python(PROVIDERS_CODE))
    for device in gpu.DEVICES:
        yield gpu.check_device(device, run_python(gpu.device_code(device)))
    for name, extra, purpose in OPTIONAL:
        yield packages.check_optional(name, packages.installed(name), extra, purpose)
    yield bundles.check_bundles(bundles.damage_of_shipped(), DEFAULT_MODEL)
