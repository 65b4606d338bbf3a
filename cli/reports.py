"""The JSON documents that `--json` prints: one per run, on stdout, schema version first."""

from __future__ import annotations

import json
import math
from typing import Any, Dict, Mapping

SCHEMA_VERSION = 1


def document(command: str, content: Mapping[str, Any]) -> str:
    """Return the text of one document; of a command that failed as a whole it holds `error`.

    Field names carry their unit (`times_ms`, `memory_bytes`). JSON has no infinity: the PSNR of
    equal pictures becomes null.
    """
    data: Dict[str, Any] = {"schema_version": SCHEMA_VERSION, "command": command}
    data.update(content)
    return json.dumps(_plain(data), indent=2, ensure_ascii=False, allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, (bool, int, str)):
        return value
    return str(value)
