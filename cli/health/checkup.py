"""All checks in order, on the real machine."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path
from typing import Dict, Iterator, NamedTuple, Optional

from pcsr_edge.cli.health import (
    accelerators,
    board,
    bundles,
    combinations,
    configuration,
    machine,
    media,
    packages,
)
from pcsr_edge.cli.health.finding import PROBLEM, Finding
from pcsr_edge.cli.health.probe import Probe, run_python
from pcsr_edge.cli.health.supply import Supply, supply_of
from pcsr_edge.cli.options import DEFAULT_MODEL
from pcsr_edge.cli.settings import CONFIG_VARIABLE
from pcsr_edge.installation import for_this_environment
from pcsr_edge.jetson import conditions
from pcsr_edge.jetson.board import JETSON, read_board
from pcsr_edge.jetson.probes.ina3221 import ina3221_power
from pcsr_edge.jetson.tree import Tree
from pcsr_edge.runtime.cache import cache_folder

OPTIONAL = (("torch", "train", "export and train need"), ("onnx", "export", "export needs"))
"""Distribution, extra that brings it, who needs it."""
OF_SYSTEM = "usr/lib/python3*/dist-packages/tensorrt"
"""Where apt puts TensorRT's Python module."""
GSTREAMER_S = 30.0
"""Its first question after an installation makes it look at every plugin."""
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
    supply = supply_of(read_board(Tree()), sys.version_info[:2])
    for finding in _all(supply):
        mend = finding.mend
        if mend is not None and supply is not None:
            mend = supply.fit(mend, sys.prefix)
        yield finding._replace(mend=None if mend is None else for_this_environment(mend))


def _all(supply: Optional[Supply]) -> Iterator[Finding]:
    broken = False
    for finding in _installation(supply):
        broken = broken or finding.level == PROBLEM
        yield finding
    yield from _models(broken)
    yield from _devices(supply)
    yield from _media(supply)
    yield from _machine()


def _models(broken: bool) -> Iterator[Finding]:
    # On a broken installation they would only repeat the problem.
    if broken:
        yield bundles.not_tried("models")
    else:
        found = bundles.check_bundles(run_python(bundles.DAMAGE_CODE), DEFAULT_MODEL)
        broken = found.level == PROBLEM
        yield found
    if broken:
        yield bundles.not_tried("upscaling")
    else:
        yield bundles.check_run(run_python(bundles.RUN_CODE.format(model=DEFAULT_MODEL)))


def _devices(supply: Optional[Supply]) -> Iterator[Finding]:
    tree = Tree()
    jetson = read_board(tree).kind == JETSON
    yield from _present(accelerators.check_loading(_gpu_probes(), jetson=jetson))
    yield accelerators.check_tensorrt(
        run_python(accelerators.TENSORRT_CODE),
        of_system=bool(tree.paths(OF_SYSTEM)),
        jetson=jetson,
    )
    yield accelerators.check_cupy(
        run_python(accelerators.CUPY_CODE),
        package=None if supply is None else supply.cupy,
        jetson=jetson,
    )


def _gpu_probes() -> Dict[str, Probe]:
    """Try every provider in a process of its own: some end it when their library is missing."""
    listed = run_python(PROVIDERS_CODE)
    names = listed.output.split() if listed.passed else []
    codes = {
        name: accelerators.PROVIDER_CODE.format(model=accelerators.SMALL_MODEL, provider=name)
        for name in names
        if name not in accelerators.NO_PROCESSOR
    }
    return {name: run_python(code) for name, code in codes.items()}


def _media(supply: Optional[Supply]) -> Iterator[Finding]:
    tree = Tree(limit_s=GSTREAMER_S)
    yield media.check_pictures(run_python(media.PICTURES_CODE))
    yield media.check_av(run_python(media.AV_CODE))
    yield media.check_opencv(
        run_python(media.OPENCV_CODE),
        package=None if supply is None else supply.opencv,
        of_pip=any(map(packages.installed, combinations.OPENCV_NAMES)),
        jetson=read_board(tree).kind == JETSON,
    )
    elements = None
    if tree.tool("gst-inspect-1.0") is not None:
        elements = [n for n in media.ELEMENTS if tree.output("gst-inspect-1.0", n) is not None]
    yield media.check_gstreamer(elements)


def _machine() -> Iterator[Finding]:
    tree = Tree()
    kind, state = read_board(tree), conditions()
    yield board.check_system(kind, platform.machine())
    yield machine.check_cpu(machine.usable_threads(), machine.read_text("/proc/cpuinfo"))
    yield board.check_clocks(kind, state)
    yield from _present(board.check_power_mode(state))
    yield from _present(board.check_throttling(kind, state))
    yield from _present(board.check_power(kind, ina3221_power(tree)))
    yield machine.check_memory(machine.read_text("/proc/meminfo"))
    folder = cache_folder()
    if folder is not None:
        yield machine.check_cache(folder, machine.blocking_folder(folder))
    config = os.environ.get(CONFIG_VARIABLE)
    if config:
        yield configuration.check_configuration(Path(config))


def _present(finding: Optional[Finding]) -> Iterator[Finding]:
    if finding is not None:
        yield finding


def _installation(supply: Optional[Supply]) -> Iterator[Finding]:
    yield packages.check_python(tuple(sys.version_info[:3]), packages.newer_python())
    for package in PACKAGES:
        probe = run_python(f"import {package.module} as module; print(module.__version__)")
        yield packages.check_import(
            package.name, package.requirement, probe, required=package.required
        )
    versions = {name: packages.installed(name) for name in packages.ONNXRUNTIME_NAMES}
    yield packages.check_onnxruntime(versions, platform.machine())
    yield packages.check_providers(run_python(PROVIDERS_CODE))
    names = ("numpy", "tensorrt", *combinations.OPENCV_NAMES, *combinations.CUPY_NAMES)
    versions.update({name: packages.installed(name) for name in names})
    yield combinations.check_combinations(
        versions,
        packages.ONNXRUNTIME_NAMES,
        board=supply is not None,
        cupy=None if supply is None else supply.cupy,
    )
    for name, extra, purpose in OPTIONAL:
        yield packages.check_optional(name, packages.installed(name), extra, purpose)
