"""The file that `--config` names: options of commands, as JSON.

    {
      "schema_version": 1,
      "about": {"found by": "pcsr-edge tune"},
      "all": {"threads": 4},
      "upscale": {"model": "pcsr-fsrcnn-x4", "k": 0.5}
    }

A key is a long option without its hyphens; a value is text, a number, true for a flag, or a list
for an option that may be repeated. `all` holds for every command that has the option; `about` is
for people.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, Mapping

from pcsr_edge.errors import UsageError

SCHEMA_VERSION = 1
ALL = "all"
ABOUT = "about"
_VERSION = "schema_version"

Section = Mapping[str, Any]


def read_config(path: Path) -> Dict[str, Section]:
    """Return the sections of a file by name, without `about`.

    Raises:
        UsageError: it cannot be read, or is none.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as exc:
        raise UsageError(f"the config {path} cannot be read: {exc.strerror or exc}") from exc
    except ValueError as exc:  # also what is no UTF-8
        raise UsageError(f"the config {path} is no JSON: {exc}") from exc
    except RecursionError as exc:
        raise UsageError(f"the config {path} is nested too deeply") from exc
    if not isinstance(data, dict) or data.get(_VERSION) != SCHEMA_VERSION:
        raise UsageError(
            f'the config {path} is of another kind; expected an object with "{_VERSION}": '
            f"{SCHEMA_VERSION}"
        )
    sections = {name: value for name, value in data.items() if name not in (_VERSION, ABOUT)}
    for name, section in sections.items():
        if not isinstance(section, dict):
            raise UsageError(f'"{name}" in the config {path} is no object with options')
    return sections
