"""How the package was installed, and so which command adds to it or mends it."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from pathlib import Path
from typing import Optional

_PACKAGE = Path(__file__).resolve().parent


def checkout() -> Optional[Path]:
    """Return the root of the checkout that the package runs from, None where it was copied out."""
    # Through `pip install -e` or PYTHONPATH the package is src/pcsr_edge of a checkout.
    root = _PACKAGE.parent.parent
    return root if (root / "pyproject.toml").is_file() else None


def install_command(extra: str) -> str:
    """Return the command that brings an extra, such as `export`."""
    root = checkout()
    if root is None:
        return f'pip install "pcsr-edge[{extra}]"'
    return f'pip install -e "{_from_here(root)}[{extra}]"'


def reinstall_command() -> str:
    """Return the command that brings back the files of the package as they came."""
    root = checkout()
    if root is None:
        return "pip install --force-reinstall --no-deps pcsr-edge"
    return f'git -C "{_from_here(root)}" checkout -- runtime/bundles'


def for_this_environment(command: str) -> str:
    """Return a command whose `pip` is that of the environment that runs, activated or not."""
    beside = os.path.join(os.path.dirname(sys.executable), "pip")
    if sys.prefix == sys.base_prefix or shutil.which("pip") == beside:
        return command
    pip = f"{shlex.quote(sys.executable)} -m pip "
    return re.sub(r"(?<!-m )\bpip (?=install|uninstall)", lambda _: pip, command)


def _from_here(root: Path) -> str:
    return "." if os.path.realpath(os.curdir) == str(root) else str(root)
