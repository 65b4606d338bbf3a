"""Checks of what needs an NVIDIA GPU."""

from __future__ import annotations

from pcsr_edge.cli.health.finding import OK, WARNING, Finding
from pcsr_edge.cli.health.probe import Probe

DEVICES = ("trt", "cuda")
NOT_THERE = 3
DEVICE_CODE = """
import sys
from pcsr_edge.errors import BackendUnavailableError
from pcsr_edge.runtime.backends import backend_for
try:
    backend = backend_for({device!r})
except BackendUnavailableError as exc:
    sys.stderr.write(str(exc))
    sys.exit({not_there})
print(backend.name, "on", backend.device.name)
"""


def device_code(device: str) -> str:
    """Return the Python that opens a device and prints what it is."""
    return DEVICE_CODE.format(device=device, not_there=NOT_THERE)


def check_device(device: str, probe: Probe) -> Finding:
    """Report a device; most machines have none, and do without."""
    name = f"device {device}"
    if probe.passed:
        return Finding(name, OK, probe.output)
    if probe.code == NOT_THERE:
        return Finding(name, OK, f"not used: {probe.reason()}")
    # What crashes here would crash `--device auto` too.
    text = f"opening it failed: {probe.reason()}"
    return Finding(name, WARNING, text, "export PCSR_EDGE_DEVICE=cpu")
