"""Checks of what computes on a GPU: ONNX Runtime's providers, TensorRT, CuPy."""

from __future__ import annotations

import os
import re
import shlex
import sys
from typing import Dict, Optional

from pcsr_edge.cli.health.finding import OK, WARNING, Finding
from pcsr_edge.cli.health.probe import Probe
from pcsr_edge.installation import install_command

SMALL_MODEL = "esr-max-x2"
NO_PROCESSOR = ("CPUExecutionProvider", "AzureExecutionProvider")
"""The CPU's is tried by upscaling a picture; Azure's computes elsewhere."""
PROVIDER_CODE = """
import onnxruntime
from pcsr_edge.runtime.bundle import load_bundle
graph = load_bundle({model!r}).graph("network", "fp32")
options = onnxruntime.SessionOptions()
options.log_severity_level = 3
session = onnxruntime.InferenceSession(graph, options, providers=[{provider!r}])
assert {provider!r} in session.get_providers(), "ONNX Runtime took the CPU in its place"
"""
TENSORRT_CODE = "import tensorrt; print(tensorrt.__version__)"
CUPY_CODE = """
import cupy
assert float(cupy.arange(3).sum()) == 3
print(cupy.__version__, "on", cupy.cuda.runtime.getDeviceProperties(0)["name"].decode())
"""
_LIBRARY = re.compile(
    r"lib\S+: (?:cannot open shared object file|version `\S+' not found)|GLIBCXX_\S+"
)
CPU_BUILD = "pip uninstall -y onnxruntime-gpu && pip install onnxruntime"
CUDA_LIBRARIES = 'pip install "onnxruntime-gpu[cuda,cudnn]"'
TENSORRT_LIBRARIES = "pip install tensorrt"
LIBSTDCXX = (
    "sudo add-apt-repository -y ppa:ubuntu-toolchain-r/test && sudo apt-get install -y libstdc++6"
)


def check_loading(probes: Dict[str, Probe], *, jetson: bool) -> Optional[Finding]:
    """Report which GPU providers made a session; None where the build has none.

    That a provider is listed says only that the wheel was built with it, not that its libraries
    are there.
    """
    if not probes:
        return None
    failed = {name: _reason(probe) for name, probe in probes.items() if not probe.passed}
    usable = [name for name in probes if name not in failed]
    if not failed:
        return Finding("GPU", OK, f"{', '.join(usable)} can be loaded")
    text = "; ".join(f"{name} cannot be loaded: {reason}" for name, reason in failed.items())
    if any("GLIBCXX" in reason for reason in failed.values()):
        return Finding("GPU", WARNING, text, LIBSTDCXX)
    if jetson:
        return Finding("GPU", WARNING, text, CPU_BUILD)
    mend = CUDA_LIBRARIES if "CUDAExecutionProvider" in failed else TENSORRT_LIBRARIES
    return Finding("GPU", WARNING, text, mend)


def _reason(probe: Probe) -> str:
    """Return what the loader of libraries complained of, else how the probe ended."""
    found = _LIBRARY.search(probe.errors)
    return found[0] if found else probe.reason()


def see_system_packages(environment: str) -> str:
    """Return what opens an environment to the packages of apt, without making it anew."""
    config = shlex.quote(os.path.join(environment, "pyvenv.cfg"))
    line = "include-system-site-packages"
    return f"sed -i 's/^{line}.*/{line} = true/' {config}"


def check_tensorrt(probe: Probe, *, of_system: bool, jetson: bool) -> Finding:
    """Report TensorRT's Python module; the probe printed its version.

    Args:
        probe: of `TENSORRT_CODE`.
        of_system: whether apt has installed the module for the system's Python.
        jetson: whether the board is one that TensorRT belongs to.
    """
    if probe.passed:
        return Finding("tensorrt", OK, probe.output)
    if "No module named 'tensorrt'" not in probe.errors:
        text = f"cannot be imported: {probe.reason()}"
        return Finding("tensorrt", WARNING, text, "sudo apt-get install -y python3-libnvinfer")
    if of_system:
        text = "the system has it, but this environment does not see the system's packages"
        return Finding("tensorrt", WARNING, text, see_system_packages(sys.prefix))
    if jetson:
        text = "not installed; --device trt needs it"
        return Finding("tensorrt", WARNING, text, "sudo apt-get install -y python3-libnvinfer")
    return Finding("tensorrt", OK, "not installed; only --device trt needs it")


def check_cupy(probe: Probe, *, package: Optional[str], jetson: bool) -> Finding:
    """Report CuPy, which every computation on a GPU needs.

    Args:
        probe: of `CUPY_CODE`; it printed the version and the GPU's name.
        package: the build for the board's CUDA, None where the extra `gpu` chooses.
        jetson: whether the board is one whose GPU is there to be used.
    """
    if probe.passed:
        return Finding("cupy", OK, probe.output)
    mend = install_command("gpu") if package is None else f"pip install {package}"
    if "No module named 'cupy'" not in probe.errors:
        return Finding("cupy", WARNING, f"does not work: {probe.reason()}", mend)
    if jetson:
        text = "not installed, so everything is computed on the processor"
        return Finding("cupy", WARNING, text, mend)
    return Finding("cupy", OK, "not installed; only a GPU needs it", mend)
