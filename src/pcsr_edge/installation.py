"""How the package was installed, and so which command adds to it or mends it."""

from __future__ import annotations

import os
import platform
import re
import shlex
import shutil
import sys
from importlib import import_module
from pathlib import Path
from typing import Optional

from pcsr_edge.errors import PcsrEdgeError

_PACKAGE = Path(__file__).resolve().parent


def checkout() -> Optional[Path]:
    """Return the root of the checkout that the package runs from, None where it was copied out."""
    # Through `pip install -e` or PYTHONPATH the package is src/pcsr_edge of a checkout.
    root = _PACKAGE.parent.parent
    return root if (root / "pyproject.toml").is_file() else None


def source() -> str:
    """Return what pip has installed the package from: a folder, a wheel or an address.

    That is its name where pip noted none of these: then it came from an index.
    """
    # They take longer to import than a small command takes.
    import json
    from importlib import metadata
    from urllib.parse import urlsplit
    from urllib.request import url2pathname

    try:
        noted = metadata.distribution("pcsr-edge").read_text("direct_url.json")
    except metadata.PackageNotFoundError:
        return "pcsr-edge"
    if noted is None:
        return "pcsr-edge"
    document = json.loads(noted)
    url: str = document["url"]
    if url.startswith("file:"):
        return url2pathname(urlsplit(url).path)
    version_control = document.get("vcs_info")
    if version_control is None:
        return url
    return f"{version_control['vcs']}+{url}@{version_control['commit_id']}"


def install_command(extra: str) -> str:
    """Return the command that brings an extra, such as `export`."""
    root = checkout()
    if root is None:
        taken = source()
        if "://" in taken:
            return f'pip install "pcsr-edge[{extra}] @ {taken}"'
        return f'pip install "{taken}[{extra}]"'
    return f'pip install -e "{_from_here(root)}[{extra}]"'


def reinstall_command() -> str:
    """Return the command that brings back the files of the package as they came."""
    root = checkout()
    if root is None:
        return f'pip install --force-reinstall --no-deps "{source()}"'
    return f'git -C "{_from_here(root)}" checkout -- runtime/bundles'


def check_matplotlib() -> None:
    """Make sure that figures can be drawn.

    Raises:
        PcsrEdgeError: matplotlib is missing.
    """
    try:
        import_module("matplotlib.figure")
    except ModuleNotFoundError as exc:
        raise PcsrEdgeError(
            f"--plot needs matplotlib, which is not installed; {advice(install_command('plots'))}"
        ) from exc


def for_this_environment(command: str) -> str:
    """Return a command whose `pip` is that of the environment that runs, activated or not."""
    beside = os.path.join(os.path.dirname(sys.executable), "pip")
    if sys.prefix == sys.base_prefix or shutil.which("pip") == beside:
        return command
    pip = f"{shlex.quote(sys.executable)} -m pip "
    return re.sub(r"(?<!-m )\bpip (?=install|uninstall)", lambda _: pip, command)


def is_board() -> bool:
    """Return whether this is Linux on ARM, where a bare `pip install` may do harm.

    The index has no ONNX Runtime for the GPU there, and on a board newer versions, or an OpenCV
    of pip, break what came with the system.
    """
    return sys.platform.startswith("linux") and platform.machine() in ("aarch64", "arm64")


def advice(command: str) -> str:
    """Return how an error message tells to install something.

    Args:
        command: what does it where nothing is pinned. `pcsr-edge doctor` knows what a board needs
            in its place.
    """
    if is_board():
        return "which command brings what fits this board, says: pcsr-edge doctor"
    return f"run: {for_this_environment(command)}"


def _from_here(root: Path) -> str:
    return "." if os.path.realpath(os.curdir) == str(root) else str(root)
