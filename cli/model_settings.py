"""The settings of a model that a command runs it at: values of k or eta, ADM, forced classes."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Tuple

if TYPE_CHECKING:
    from pcsr_edge.runtime.manifest import Manifest

NOTHING_TO_SET = "default"
"""The setting of a model without classes; `export --quality` knows it by this name."""


def settings_of(args: argparse.Namespace, manifest: Manifest) -> List[Tuple[str, Dict[str, Any]]]:
    """Return (name, arguments of `Upscaler.run`) of every setting that `args` asks for."""
    if not manifest.has_classes:
        # One, whatever the other models are run at.
        return [(NOTHING_TO_SET, {})]
    if manifest.by_patch:
        return _of_patches(args, manifest)
    settings: List[Dict[str, Any]] = [{"k": k} for k in args.k]
    if args.adaptive:
        settings.append({"adaptive": True})
    settings.extend({"force_class": j} for j in args.force_class)
    return [(setting_text(each), each) for each in settings or [own_setting(manifest)]]


def own_setting(manifest: Manifest) -> Dict[str, Any]:
    """Return what a model with classes chooses by where nothing is asked for."""
    return {"eta": manifest.default_eta} if manifest.by_patch else {"k": manifest.default_k}


def setting_text(options: Mapping[str, Any]) -> str:
    """Return by what arguments of `Upscaler.run` classes are chosen, e.g. `k=0.5`, or nothing."""
    if options.get("force_class") is not None:
        return f"class {options['force_class']}"
    if options.get("adaptive"):
        return "adaptive"
    named = (name for name in ("eta", "k") if options.get(name) is not None)
    return "".join(f"{name}={options[name]:g}" for name in named)


def _of_patches(args: argparse.Namespace, manifest: Manifest) -> List[Tuple[str, Dict[str, Any]]]:
    """Return the settings of a model that chooses by patch: k and ADM mean nothing to it."""
    settings: List[Dict[str, Any]] = [{"eta": eta} for eta in args.eta]
    settings.extend({"force_class": j} for j in args.force_class)
    chosen = [(setting_text(each), each) for each in settings or [own_setting(manifest)]]
    if not args.halo:
        return chosen
    return [(f"{name}, halo", {**options, "halo": True}) for name, options in chosen]
