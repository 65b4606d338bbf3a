"""Checks of the models that come along."""

from __future__ import annotations

import json
from typing import List, Mapping

from pcsr_edge.cli.health.finding import OK, PROBLEM, WARNING, Finding
from pcsr_edge.cli.health.probe import Probe
from pcsr_edge.cli.tables import plural
from pcsr_edge.installation import reinstall_command

DAMAGE_CODE = """
import json
from pcsr_edge.cli.health.bundles import damage_of_shipped
print(json.dumps(damage_of_shipped()))
"""
RUN_CODE = """
import numpy
from pcsr_edge import Upscaler
with Upscaler.load({model!r}, device="cpu") as upscaler:
    picture = numpy.linspace(0, 1, 24 * 24 * 3, dtype="float32").reshape(24, 24, 3)
    result = upscaler(picture)
    assert numpy.isfinite(result).all(), "the result holds NaN or infinity"
    print(upscaler.backend_name)
"""


def damage_of_shipped() -> Mapping[str, List[str]]:
    """Return name → what is wrong, for every bundle that comes along."""
    from pcsr_edge.errors import BundleError
    from pcsr_edge.runtime.bundle import load_bundle, shipped_bundles

    damage = {}
    for name in shipped_bundles():
        messages: List[str] = []
        try:
            bundle = load_bundle(name)
            for precision, graphs in bundle.manifest.precisions.items():
                for graph in graphs:
                    bundle.graph(graph, precision)
        except BundleError as exc:
            messages.append(str(exc))
        damage[name] = messages
    return damage


def check_bundles(probe: Probe, default: str) -> Finding:
    """Check that the default model is there and every graph is the one that was exported.

    Args:
        probe: of `DAMAGE_CODE`; reading a bundle needs NumPy, which may end a process.
        default: name of the default model.
    """
    if not probe.passed:
        text = f"cannot be read: {probe.reason()}"
        return Finding("models", PROBLEM, text, reinstall_command())
    damage: Mapping[str, List[str]] = json.loads(probe.output)
    wrong = [message for messages in damage.values() for message in messages]
    if wrong:
        return Finding("models", PROBLEM, "; ".join(wrong), reinstall_command())
    if default not in damage:
        text = f"the default model {default} is missing"
        return Finding("models", PROBLEM, text, reinstall_command())
    return Finding("models", OK, f"{plural(len(damage), 'model')}, all hashes right")


def check_run(probe: Probe) -> Finding:
    """Check that a small picture was upscaled; the probe printed the backend's name."""
    if probe.passed:
        return Finding("upscaling", OK, f"a small picture went through {probe.output}")
    text = f"a small picture failed: {probe.reason()}"
    return Finding("upscaling", PROBLEM, text, reinstall_command())


def not_tried(name: str) -> Finding:
    """Report that a check would only repeat the problems above."""
    text = "not tried; mend the problems above first, and ask again"
    return Finding(name, WARNING, text, "pcsr-edge doctor")
