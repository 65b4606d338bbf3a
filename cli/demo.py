"""`pcsr-edge demo`: the photograph that comes along, enlarged and compared."""

from __future__ import annotations

import argparse
from pathlib import Path

from pcsr_edge.cli import options
from pcsr_edge.streams import write_result

PHOTO = Path(__file__).parent / "assets" / "photo.png"
FOLDER = "pcsr-edge-demo"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `demo`."""
    options.set_help(
        parser,
        "Enlarge the photograph that comes along. Writes photo.png (the input), sr.png (the\n"
        "result), class_map.png (which class did which pixel) and comparison.png (look at this\n"
        "one) into a folder; needs neither torch nor a network connection.",
        "pcsr-edge demo",
        "pcsr-edge demo -o /tmp/demo",
        "pcsr-edge demo --photo my_photo.jpg",
        "pcsr-edge demo -m ./my-bundle",
    )
    parser.add_argument(
        "-o",
        "--output",
        default=FOLDER,
        metavar="FOLDER",
        help=f"where to write (default {FOLDER})",
    )
    parser.add_argument(
        "--photo", type=Path, default=PHOTO, metavar="FILE", help="another picture to enlarge"
    )
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        "-n",
        "--model",
        default=options.DEFAULT_MODEL,
        metavar="NAME",
        help=f"a model that comes along (default {options.DEFAULT_MODEL})",
    )
    group.add_argument("-m", "--model-path", metavar="BUNDLE_DIR", help="a bundle's folder")
    options.add_device(parser)
    options.add_messages(parser)


def run(args: argparse.Namespace) -> int:
    """Write the four pictures and say what was done."""
    from pcsr_edge.cli.demonstration import demonstrate
    from pcsr_edge.cli.loading import bundle_folder, load_upscaler

    model = args.model if args.model_path is None else bundle_folder(args.model_path)
    with load_upscaler(args, model) as upscaler:
        lines = demonstrate(upscaler, args.photo, Path(args.output))
    if not args.quiet:
        write_result("\n".join(lines))
    return 0
