"""The conditions of a profile in words, for Markdown and for the page."""

from __future__ import annotations

import shlex
from typing import Any, List, Mapping, Optional, Tuple

from pcsr_edge.calib.profiling import Profile
from pcsr_edge.cli.tables import bytes_text

Line = Tuple[str, str]
"""Name and value."""


def condition_lines(profile: Profile) -> List[Line]:
    """Return what times depend on beside the cases; what the machine does not tell is left out."""
    before, after = profile.before, profile.after
    pairs: List[Tuple[str, Optional[str]]] = [
        ("device", _device(before)),
        ("power mode", before.get("power_mode")),
        ("clocks", _clocks(before, after)),
        ("temperature", _temperature(before, after)),
        ("throttled", _throttled(before)),
        ("power", _power(profile)),
        ("peak memory", None if profile.peak_bytes is None else bytes_text(profile.peak_bytes)),
        ("software", ", ".join(f"{name} {value}" for name, value in profile.software.items())),
        ("measured", _measured(profile)),
        ("command", f"`{shlex.join(profile.command_line)}`"),
        ("date", profile.created),
    ]
    return [(name, text) for name, text in pairs if text]


def hottest(facts: Mapping[str, Any]) -> Optional[float]:
    """Return the highest temperature in °C that a machine tells."""
    return max((facts.get("temperatures_c") or {}).values(), default=None)


def _device(facts: Mapping[str, Any]) -> str:
    parts = [facts.get("device") or "unknown"]
    if facts.get("cpus"):
        parts.append(f"{facts['cpus']} cores")
    parts += [facts[name] for name in ("system", "kernel") if facts.get(name)]
    if facts.get("jetpack") or facts.get("l4t"):
        parts.append(f"JetPack {facts.get('jetpack') or '?'} (L4T {facts.get('l4t') or '?'})")
    return ", ".join(parts)


def _clocks(before: Mapping[str, Any], after: Mapping[str, Any]) -> Optional[str]:
    parts: List[str] = []
    if before.get("clocks_pinned") is not None:
        parts.append("pinned" if before["clocks_pinned"] else "not pinned")
    if before.get("governor"):
        parts.append(f"governor {before['governor']}")
    later, most = after.get("clocks_mhz") or {}, before.get("clocks_maximum_mhz") or {}
    for name, mhz in (before.get("clocks_mhz") or {}).items():
        end = f" to {later[name]:.0f}" if name in later else ""
        limit = f" of {most[name]:.0f}" if name in most else ""
        parts.append(f"{name} {mhz:.0f}{end}{limit} MHz")
    return ", ".join(parts) or None


def _temperature(before: Mapping[str, Any], after: Mapping[str, Any]) -> Optional[str]:
    first, last = hottest(before), hottest(after)
    if first is None or last is None:
        return None
    return f"{first:.0f} °C before, {last:.0f} °C after (hottest sensor)"


def _throttled(before: Mapping[str, Any]) -> Optional[str]:
    if before.get("throttled") is None:
        return None
    return ", ".join(before["throttled"]) or "no"


def _power(profile: Profile) -> Optional[str]:
    if profile.power_w is None:
        return None
    source = next(sample["power"] for sample in profile.samples if sample.get("power"))
    text = f"{profile.power_w:.2f} W ({source['source']}"
    text += ", an estimate)" if source["estimate"] else ")"
    return f"{text}, {profile.energy_mj:.0f} mJ a frame" if profile.energy_mj else text


def _measured(profile: Profile) -> str:
    settings = profile.settings
    io = settings.get("format")
    return (
        f"{settings.get('image')}, at least {settings.get('iterations')} frames and "
        f"{settings.get('duration_s'):g} s a case, in turns; "
        + (f"files are {io}" if io else "without files")
    )
