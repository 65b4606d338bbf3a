"""The settings of a model that a command runs it at: values of k, ADM, forced classes."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, Dict, List, Tuple

if TYPE_CHECKING:
    from pcsr_edge.runtime.manifest import Manifest

NOTHING_TO_SET = "default"
"""The setting of a model without classes; `export --quality` knows it by this name."""


def settings_of(args: argparse.Namespace, manifest: Manifest) -> List[Tuple[str, Dict[str, Any]]]:
    """Return (name, arguments of `Upscaler.run`) of every setting that `args` asks for."""
    if not manifest.has_classes:
        # One, whatever the other models are run at.
        return [(NOTHING_TO_SET, {})]
    settings: List[Tuple[str, Dict[str, Any]]] = [(f"k={k:g}", {"k": k}) for k in args.k]
    if args.adaptive:
        settings.append(("adaptive", {"adaptive": True}))
    settings.extend((f"class {j}", {"force_class": j}) for j in args.force_class)
    if not settings:
        settings.append((f"k={manifest.default_k:g}", {"k": manifest.default_k}))
    return settings
