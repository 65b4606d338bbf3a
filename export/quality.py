"""Measured qualities for a manifest, from what `pcsr-edge evaluate --json` printed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Iterator, List, Mapping

from pcsr_edge.errors import InputError, UsageError
from pcsr_edge.runtime.manifest import Quality

_SETTING = re.compile(r"default|k=(?P<k>.+)|eta=(?P<eta>[^,]+)|class (?P<force_class>\d+)")
"""`default` is the setting of a model that has nothing to set, such as k."""


def quality_from_option(option: str, model: str) -> List[Quality]:
    """Read one `NAME=FILE`: the qualities of `model` on data set NAME.

    Args:
        option: name of the data set and path of the report, e.g. `Set5=set5.json`.
        model: name of the model as the report spells it.

    Raises:
        UsageError: the option is not of that form.
        InputError: the file is not a report of evaluate, or says nothing of the model.
    """
    name, _, path = option.partition("=")
    if not name or not path:
        raise UsageError(
            f"quality {option!r} is not valid; expected NAME=FILE, e.g. Set5=set5.json"
        )
    try:
        document = json.loads(Path(path).read_text(encoding="utf-8"))
        found = list(_entries(document, name, model))
    except OSError as exc:
        raise InputError(f"the quality report {path} cannot be read: {exc.strerror}") from exc
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        raise InputError(
            f"{path} is not what pcsr-edge evaluate --json prints ({exc!r}); make it again"
        ) from exc
    if not found:
        raise InputError(
            f"the quality report {path} holds no result of {model!r} at any k or class, nor without"
        )
    return found


def _entries(document: Mapping[str, Any], name: str, model: str) -> Iterator[Quality]:
    protocol = "; ".join(document["protocol"])
    for result in document["results"]:
        setting = _SETTING.fullmatch(result["setting"])
        if result["model"] != model or setting is None:
            continue
        k, eta, force_class = setting["k"], setting["eta"], setting["force_class"]
        for channel, psnr in result["mean"]["psnr_db"].items():
            yield Quality(
                data=name,
                scale=int(result["scale"]),
                channel=channel,
                k=None if k is None else float(k),
                psnr=round(float(psnr), 3),
                ssim=round(float(result["mean"]["ssim"][channel]), 4),
                protocol=protocol,
                force_class=None if force_class is None else int(force_class),
                eta=None if eta is None else float(eta),
            )
