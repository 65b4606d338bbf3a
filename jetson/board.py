"""Which machine this is, and what it runs."""

from __future__ import annotations

import re
from typing import NamedTuple, Optional

from pcsr_edge.jetson.tree import Tree

MODELS = ("proc/device-tree/model", "tmp/nv_jetson_model")
"""Docker hides the first; where NVIDIA's scripts put it for containers."""
JETSON_GPUS = ("sys/class/devfreq/*.gv11b", "sys/class/devfreq/*.ga10b")
UNNAMED_JETSON = "NVIDIA Jetson"
JETSON, RASPBERRY_PI, OTHER = "jetson", "raspberry-pi", "other"
JETPACKS = {
    "35.1.0": "5.0.2",
    "35.2.1": "5.1",
    "35.3.1": "5.1.1",
    "35.4.1": "5.1.2",
    "35.5.0": "5.1.3",
    "35.6.0": "5.1.4",
    "35.6.1": "5.1.5",
    "35.6.2": "5.1.5",
    "35.6.3": "5.1.5",
    "35.6.4": "5.1.6",
    "36.3.0": "6.0",
    "36.4.0": "6.1",
    "36.4.3": "6.2",
    "36.4.4": "6.2.1",
    "36.4.7": "6.2.1",
    "36.5.0": "6.2.2",
    "38.2.0": "7.0",
    "38.2.1": "7.0",
    "38.4.0": "7.1",
    "39.2.0": "7.2",
}
"""By NVIDIA's archive; there are boards with releases in between, of which only the first number
is told."""
JETPACK_OF_MAJOR = {"32": "4", "34": "5", "35": "5", "36": "6", "38": "7", "39": "7"}


class Board(NamedTuple):
    """A machine."""

    kind: str
    """`jetson`, `raspberry-pi` or `other`."""
    name: Optional[str] = None
    """As the device tree has it, else the processor's name; `NVIDIA Jetson` where it is hidden."""
    system: Optional[str] = None
    kernel: Optional[str] = None
    l4t: Optional[str] = None
    jetpack: Optional[str] = None


def read_board(tree: Tree) -> Board:
    """Ask the device tree and what says the versions; in a container, what it leaves to see."""
    cpuinfo, kernel = tree.text("proc/cpuinfo") or "", tree.text("proc/sys/kernel/osrelease")
    model = _model(tree, cpuinfo)
    l4t = l4t_release(tree.text("etc/nv_tegra_release") or "")
    named = any(word in (model or "") for word in ("Jetson", "NVIDIA"))
    kind = OTHER
    if named or l4t is not None or _has_tegra(tree, kernel or ""):
        kind, model = JETSON, model or UNNAMED_JETSON
    elif model is not None and "Raspberry Pi" in model:
        kind = RASPBERRY_PI
    return Board(
        kind,
        model or _processor(cpuinfo),
        _pretty_name(tree.text("etc/os-release") or ""),
        kernel,
        l4t,
        None if l4t is None else jetpack_of(l4t),
    )


def _model(tree: Tree, cpuinfo: str) -> Optional[str]:
    for path in MODELS:
        model = tree.text(path)
        if model:
            return model
    # A Pi's kernel says it here too.
    match = re.search(r"^Model\s*: (.+)$", cpuinfo, re.MULTILINE)
    return match[1].strip() if match else None


def _has_tegra(tree: Tree, kernel: str) -> bool:
    return "tegra" in kernel or any(tree.paths(pattern) for pattern in JETSON_GPUS)


def l4t_release(text: str) -> Optional[str]:
    """Return `35.4.1` of `# R35 (release), REVISION: 4.1, …` (/etc/nv_tegra_release)."""
    match = re.match(r"#? ?R(\d{1,3}) \(release\), REVISION: (\d{1,3}(?:\.\d{1,3})*)", text)
    return None if match is None else f"{match[1]}.{match[2]}"


def jetpack_of(l4t: str) -> Optional[str]:
    """Return the JetPack of an L4T release, only its first number where the rest is not known."""
    return JETPACKS.get(l4t, JETPACK_OF_MAJOR.get(l4t.partition(".")[0]))


def _processor(cpuinfo: str) -> Optional[str]:
    match = re.search(r"^model name\s*: (.+)$", cpuinfo, re.MULTILINE)
    return match[1].strip() if match else None


def _pretty_name(text: str) -> Optional[str]:
    match = re.search(r'^PRETTY_NAME="?([^"\n]+)"?$', text, re.MULTILINE)
    return match[1] if match else None
