"""From -n and -m to a loaded model."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Dict, Optional, Union

from pcsr_edge.cli.console import Console
from pcsr_edge.cli.options import DEFAULT_MODEL, device_of
from pcsr_edge.errors import BundleError, UsageError

if TYPE_CHECKING:
    from pcsr_edge.runtime.bundle import Bundle
    from pcsr_edge.runtime.upscaler import Upscaler


def bundle_folder(path: str) -> Path:
    """Return the folder that -m names, so that no shipped model of that name is taken.

    Raises:
        BundleError: it is no folder.
    """
    folder = Path(path)
    if not folder.is_dir():
        raise BundleError(
            f"{folder} is no bundle: expected a folder with bundle.json and graphs; models that "
            "come along are chosen with -n"
        )
    return folder.absolute()


def check_graphs(bundle: Bundle, precision: str) -> None:
    """Read every graph of a precision, so that a damaged bundle shows before any work.

    Raises:
        BundleError: a graph is missing or not the one that was exported.
    """
    for name in bundle.manifest.precisions["fp32"]:
        bundle.graph(name, precision)


def check_table(bundle: Bundle, force_class: Optional[int]) -> None:
    """Read the table of a bundle that chooses by patch, unless a class is forced.

    Raises:
        BundleError: it is missing, damaged, or another bundle's.
    """
    from pcsr_edge.runtime.patch_table import load_table

    if bundle.manifest.by_patch and force_class is None:
        load_table(bundle)


def load_upscaler(args: argparse.Namespace, model: Union[str, Path]) -> Upscaler:
    """Load a model for the device, threads and precision in `args`; see `Upscaler.load`.

    Raises:
        UsageError: the model is `auto`, which `upscale` alone takes.
    """
    from pcsr_edge.runtime.upscaler import AUTO_MODEL, Upscaler

    if model == AUTO_MODEL:
        raise UsageError(f"model {AUTO_MODEL} is for upscale; name a model here")
    console = Console.of(args)
    upscaler = Upscaler.load(
        model,
        device=device_of(args),
        threads=args.threads,
        precision=args.precision,
        say=console.say,
    )
    tell_choice(upscaler, console)
    return upscaler


def tell_choice(upscaler: Upscaler, console: Console) -> None:
    """Say which backend the device `auto` came to, and why; shown by -v."""
    if upscaler.backend_choice is not None:
        console.detail(f"device auto: {upscaler.backend_name}: {upscaler.backend_choice}")


def model_for_scale(scale: Optional[float]) -> str:
    """Return the shipped model trained for `scale`, else the default one.

    Of several the one of the default's family is taken, e.g. `pcsr-fsrcnn-x2` for 2.
    """
    if scale is None:
        return DEFAULT_MODEL
    trained = _shipped_scales()
    family = DEFAULT_MODEL.rpartition("-")[0]
    suited = [name for name, own in trained.items() if own == scale]
    return next((name for name in suited if name.startswith(family)), DEFAULT_MODEL)


def _shipped_scales() -> Dict[str, Union[int, str]]:
    from pcsr_edge.runtime.bundle import load_bundle, shipped_bundles

    return {name: load_bundle(name).manifest.scale for name in shipped_bundles()}
