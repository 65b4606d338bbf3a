"""The shipped cascades as contenders: a curve over k between both ends."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from typing import Any, Dict, List

from benchmarks.contenders import Contender, Picture
from pcsr_edge.runtime.bundle import load_bundle, shipped_bundles
from pcsr_edge.runtime.upscaler import Upscaler

KS = (-1.0, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0)


def cascades(scale: int, lr: Picture, threads: int, stack: ExitStack) -> List[Contender]:
    """Every shipped cascade of a scale, heavy, at several k, and light; closed with `stack`."""
    settings: Dict[str, Dict[str, Any]] = {"all heavy": {"force_class": 0}}
    settings.update({f"k={k:g}": {"k": k} for k in KS})
    settings["all light"] = {"force_class": 1}
    found = []
    for name in shipped_bundles():
        manifest = load_bundle(name).manifest
        if manifest.method == "cascade" and manifest.scale == scale:
            up = stack.enter_context(Upscaler.load(name, threads=threads))
            found += [
                Contender(f"{name} {label}", partial(up.run, lr, **options))
                for label, options in settings.items()
            ]
    return found
