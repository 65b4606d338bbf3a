"""`pcsr-edge upscale`: pictures, folders, globs and videos."""

from __future__ import annotations

import argparse
from typing import List, NamedTuple, Optional

from pcsr_edge.cli import options, values
from pcsr_edge.cli.video.arguments import add_video
from pcsr_edge.errors import UsageError

TWO = 2


class Paths(NamedTuple):
    """Where to read and where to write, as the user wrote it."""

    inputs: List[str]
    output: Optional[str]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `upscale`."""
    options.set_help(
        parser,
        "Enlarge pictures and videos. Of pictures alpha, gray, bit depth, EXIF, XMP, colour\n"
        "profile and resolution are kept, of videos all other streams. Nothing is overwritten\n"
        "unless --overwrite says so. Sizes are WxH in pixels.",
        "pcsr-edge upscale photo.png photo_x4.png",
        "pcsr-edge upscale holiday/ -o holiday_x4/ -f jpg --skip-existing",
        "pcsr-edge upscale 'scans/*.tif' -o big/ --size 3840x2160",
        "pcsr-edge upscale film.mp4 film_x4.mp4 -e crf=20",
        "pcsr-edge upscale frames/ -o frames_x4/ --fps 5 --json",
    )
    _add_paths(parser)
    _add_model(parser)
    _add_assignment(parser)
    add_video(parser)
    options.add_tile(parser)
    options.add_device(parser)
    _add_run(parser)
    options.add_json(parser)
    options.add_messages(parser)


def _add_paths(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="INPUT... [OUTPUT]",
        help="pictures, folders (walked and mirrored) or quoted globs; of exactly two without "
        "-i and -o, the second is the output",
    )
    parser.add_argument(
        "-i", "--input", action="append", default=[], metavar="IN", help="one more input"
    )
    parser.add_argument("-o", "--output", metavar="OUT", help="a file for one picture, or a folder")
    parser.add_argument(
        "-f",
        "--format",
        choices=("auto", "png", "jpg", "webp", "tiff"),
        default="auto",
        help="format of the results (default auto: the output's suffix, else the input's)",
    )
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--overwrite", action="store_true", help="replace existing outputs")
    group.add_argument(
        "--skip-existing", action="store_true", help="leave pictures whose output exists"
    )
    parser.add_argument(
        "--class-map",
        metavar="FILE_OR_FOLDER",
        help="write which class did each pixel: orange heavy, dark blue light, violet between; "
        "a file for one picture, or a folder",
    )


def _add_model(parser: argparse.ArgumentParser) -> None:
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        "-n",
        "--model",
        metavar="NAME",
        help=f"a model that comes along, see `pcsr-edge models` (default {options.DEFAULT_MODEL}, "
        "or the one trained for --scale); auto: the best one, or the best that keeps --fps",
    )
    group.add_argument("-m", "--model-path", metavar="BUNDLE_DIR", help="a bundle's folder")
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        "-s",
        "--scale",
        type=values.scale,
        metavar="S",
        help="magnification, e.g. 2 or 2.5 (default: what the model was trained for)",
    )
    group.add_argument("--size", type=values.size, metavar="WxH", help="exact size of the results")


def _add_assignment(parser: argparse.ArgumentParser) -> None:
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        "--k",
        type=values.finite,
        metavar="F",
        help="0: best quality; larger: cheaper, more pixels in light classes (default: the "
        "model's)",
    )
    group.add_argument(
        "--eta",
        type=values.not_negative,
        metavar="F",
        help="of models of method arm and wbsr, in place of k: what a dB is worth; 0: the "
        "cheapest class; larger: wider subnets, better quality (default: the model's)",
    )
    group.add_argument(
        "--adaptive", action="store_true", help="let each picture decide (ADM) in place of k"
    )
    group.add_argument(
        "--class",
        dest="force_class",
        type=values.natural,
        metavar="N",
        help="give every pixel class N, 0 = heaviest",
    )
    group.add_argument(
        "--fps",
        type=values.frame_rate,
        metavar="F",
        help="take the best model that upscales F pictures per second on this machine, by "
        "measured times; see `pcsr-edge models --ladder`",
    )
    group.add_argument(
        "--budget-ms",
        type=values.milliseconds,
        metavar="F",
        help="the same: the best model that takes F milliseconds per picture",
    )
    parser.add_argument(
        "--halo",
        action="store_true",
        help="of models of method arm and wbsr: patches without seams, for up to twice the work",
    )
    parser.add_argument(
        "--no-refine", action="store_true", help="do not smooth light pixels next to heavy ones"
    )


def _add_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--max-pixels",
        type=values.positive,
        metavar="N",
        help="refuse inputs with more pixels than N (default 100 million)",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="say what would be done, and do nothing"
    )
    parser.add_argument("--no-progress", action="store_true", help="show no progress line")


def paths_of(args: argparse.Namespace) -> Paths:
    """Sort positionals, -i and -o into inputs and output.

    Raises:
        UsageError: nothing is named, or an unquoted pattern would make its last picture the
            output.
    """
    positionals: List[str] = list(args.paths)
    output: Optional[str] = args.output
    count = len(positionals) + len(args.input)
    if count == 0:
        raise UsageError("no input is named (see 'pcsr-edge upscale --help')")
    if "" in (*positionals, *args.input, output):
        raise UsageError("the name of an input or output is empty; is a variable not set?")
    if output is None and positionals:
        if count > TWO:
            raise UsageError(f"{count} inputs and no output are named; name the output with -o")
        if count == TWO:
            output = positionals.pop()
    return Paths([*positionals, *args.input], output)


def run(args: argparse.Namespace) -> int:
    """Enlarge everything that is named."""
    from pcsr_edge.cli.video.planning import concerns_videos

    paths = paths_of(args)
    if concerns_videos(paths):
        from pcsr_edge.cli.video.run import upscale_videos

        return upscale_videos(args, paths)
    from pcsr_edge.cli.upscaling import upscale

    return upscale(args, paths)
