"""`pcsr-edge verify`: two backends or precisions of a model against each other, stage by stage."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, List, Tuple

from pcsr_edge.cli import options, values
from pcsr_edge.cli.console import Console
from pcsr_edge.errors import AccuracyError
from pcsr_edge.streams import write_result

if TYPE_CHECKING:
    from pcsr_edge.calib.comparison import Side
    from pcsr_edge.runtime.bundle import Bundle

EVERY = "all"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `verify`."""
    options.set_help(
        parser,
        "Hold a model on one backend against the same model on another: every graph on the same\n"
        "inputs, the class map, whole frames. The report names versions, machine and graphs.\n"
        "Exit code 4 where something differs by more than is allowed, 3 where a backend is not\n"
        "there.",
        f"pcsr-edge verify {options.DEFAULT_MODEL}",
        "pcsr-edge verify my-bundle --backend trt --precision fp16",
        "pcsr-edge verify my-bundle --precision int8 --images photographs/ --json",
    )
    parser.add_argument("bundle", metavar="BUNDLE", help="a model's name, or a bundle's folder")
    parser.add_argument(
        "--backend",
        type=values.device,
        default="auto",
        metavar="auto|cpu|cuda[:N]|trt[:N]",
        help="what is judged (default auto)",
    )
    parser.add_argument(
        "--against",
        type=values.device,
        default="cpu",
        metavar="auto|cpu|cuda[:N]|trt[:N]",
        help="the reference (default cpu)",
    )
    parser.add_argument(
        "--precision",
        choices=(*options.PRECISIONS, EVERY),
        default=EVERY,
        help="precision that is judged (default: every one that the bundle has)",
    )
    parser.add_argument(
        "--against-precision",
        choices=options.PRECISIONS,
        default="fp32",
        help="precision of the reference (default fp32)",
    )
    parser.add_argument(
        "--images",
        type=Path,
        metavar="DIR",
        help="HR pictures to look at (default: part of a photograph, and drawings)",
    )
    parser.add_argument(
        "--tolerance-db",
        type=values.tolerance,
        metavar="F",
        help="change of PSNR that is allowed (default 0.005 for fp32, 0.05 for fp16, 0.15 for "
        "int8)",
    )
    options.add_threads(parser)
    options.add_json(parser)
    options.add_messages(parser)


def run(args: argparse.Namespace) -> int:
    """Compare, and print what was found."""
    from pcsr_edge.calib.comparison import compare
    from pcsr_edge.calib.pictures import judging_pairs, judging_scale
    from pcsr_edge.calib.tolerance import tolerance_for
    from pcsr_edge.cli import verification
    from pcsr_edge.cli.progress import Progress
    from pcsr_edge.runtime.bundle import load_bundle

    bundle = load_bundle(args.bundle)
    sides = _sides(args, bundle)
    pairs = judging_pairs(args.images, judging_scale(bundle.manifest))
    found = []
    with Progress(len(sides) * len(pairs), enabled=not args.quiet) as progress:
        for side, against in sides:
            tolerance = tolerance_for(side.precision, against.precision, args.tolerance_db)
            found.append(
                compare(
                    bundle,
                    side,
                    against,
                    pairs,
                    tolerance=tolerance,
                    threads=args.threads,
                    progress=lambda done, total: progress.one_done(),
                )
            )
    failed = any(comparison.failures for comparison in found)
    code = AccuracyError.exit_code if failed else 0
    gpus = verification.gpu_names([each.backend for pair in sides for each in pair])
    if args.json:
        write_result(verification.as_json(bundle, found, gpus, code))
    elif not args.quiet:
        write_result(verification.as_text(bundle, found, gpus))
    for comparison in found:
        try:
            comparison.check()
        except AccuracyError as exc:
            Console.of(args).failure(exc)
    return code


def _sides(args: argparse.Namespace, bundle: Bundle) -> List[Tuple[Side, Side]]:
    """Return what is judged, and against what.

    Raises:
        BundleError: the bundle lacks a precision.
        BackendUnavailableError: a backend is not there.
    """
    from pcsr_edge.calib.comparison import Side
    from pcsr_edge.runtime.backends import backend_for

    graphs = bool(bundle.manifest.graph_names())
    say = Console.of(args).say
    words = args.backend, args.against
    one, other = (backend_for(word, graphs=graphs, say=say) for word in words)
    known = [p for p in bundle.manifest.precisions if p in options.PRECISIONS]
    wanted = known if args.precision == EVERY else [args.precision]
    for precision in (*wanted, args.against_precision):
        bundle.check_precision(precision)
    different = [p for p in wanted if (one.name, p) != (other.name, args.against_precision)]
    # A model against itself says little, but that it runs.
    chosen = different if args.precision == EVERY and different else wanted
    return [(Side(one, p), Side(other, args.against_precision)) for p in chosen]
