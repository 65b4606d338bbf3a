"""`pcsr-edge explain`: draw what a model has learned."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from pcsr_edge.cli import options
from pcsr_edge.errors import UsageError

if TYPE_CHECKING:
    from pcsr_edge.runtime.bundle import Bundle


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    options.set_help(
        parser,
        "Draw what a model has learned: the filters of an edge-SR network and their spectra, or\n"
        "the class maps of a PCSR model on a photograph. Needs neither torch nor matplotlib.",
        "pcsr-edge explain esr-tm-x2 -o filters.png",
        "pcsr-edge explain pcsr-fsrcnn-x4 -o classes.png",
        "pcsr-edge explain pcsr-fsrcnn-x4 --image photo.png -o classes.png",
    )
    parser.add_argument("model", metavar="MODEL", help="name of a model, or folder of a bundle")
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="FILE.png", help="picture to write"
    )
    parser.add_argument(
        "--image", type=Path, metavar="FILE", help="LR picture for class maps (default: demo's)"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace an existing FILE.png")
    options.add_messages(parser)


def run(args: argparse.Namespace) -> int:
    """Draw, write, and print where.

    Raises:
        UsageError: the name is no PNG, or the model has nothing to show.
        PcsrEdgeError: see `load_bundle`, `read_picture` and `write_atomically`.
    """
    from pcsr_edge.runtime.bundle import load_bundle
    from pcsr_edge.runtime.images.atomic import refuse_existing, write_atomically

    if args.output.suffix.lower() != ".png":
        raise UsageError(f"{args.output} is no name of a PNG; expected one that ends in .png")
    refuse_existing(args.output, args.overwrite)
    data = _draw(args, load_bundle(args.model))
    write_atomically(args.output, data, args.overwrite)
    print(args.output)
    return 0


def _draw(args: argparse.Namespace, bundle: Bundle) -> bytes:
    method = bundle.manifest.method
    if args.image is not None and method != "pcsr":
        raise UsageError(f"--image is for models of method pcsr, {bundle.name} is one of {method}")
    if method == "edge-sr":
        from pcsr_edge.cli.filter_sheet import filter_sheet

        return filter_sheet(bundle)
    if method == "pcsr":
        return _class_sheet(args, bundle)
    raise UsageError(
        f"model {bundle.name} is of method {method}, which has nothing to draw; take one of "
        "method edge-sr or pcsr"
    )


def _class_sheet(args: argparse.Namespace, bundle: Bundle) -> bytes:
    from pcsr_edge.cli.class_sheet import class_sheet
    from pcsr_edge.cli.demo import PHOTO
    from pcsr_edge.runtime.images import read_picture
    from pcsr_edge.runtime.images.planes import to_8_bit
    from pcsr_edge.runtime.upscaler import Upscaler

    lr = to_8_bit(read_picture(args.image or PHOTO).rgb)
    with Upscaler.load(bundle.folder, device="cpu") as upscaler:
        return class_sheet(upscaler, lr)
