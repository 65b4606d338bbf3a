"""`pcsr-edge calibrate int8`: graphs in int8, beside those that a bundle has."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Optional

from pcsr_edge.cli import reports
from pcsr_edge.cli.console import Console
from pcsr_edge.streams import write_result

if TYPE_CHECKING:
    from pcsr_edge.calib.int8.calibrate import Int8Report
    from pcsr_edge.runtime.engine import Backend

PERCENTILE, ENTROPY = "percentile", "entropy"
RANGES = {
    PERCENTILE: (PERCENTILE,),
    ENTROPY: (ENTROPY,),
    "both": (PERCENTILE, ENTROPY),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add `--ranges` and `--overwrite`."""
    parser.add_argument(
        "--ranges",
        choices=sorted(RANGES),
        help="int8: how ranges are found; both: the better one, which takes longer (default "
        f"{PERCENTILE})",
    )
    parser.add_argument(
        "--overwrite",
        action="store_true",
        help="int8: replace int8 graphs, or a bundle, that are there",
    )


def run(args: argparse.Namespace) -> int:
    """Calibrate, and print what came of it."""
    from pcsr_edge.calib.int8.calibrate import calibrate_int8, check_calibration
    from pcsr_edge.calib.pictures import judging_pairs, judging_scale
    from pcsr_edge.runtime.bundle import load_bundle

    bundle = load_bundle(args.bundle)
    folder = args.output or bundle.folder
    # Before the pictures are read, and the minutes that follow.
    check_calibration(bundle, folder, args.overwrite)
    device = _device(args)
    report = calibrate_int8(
        bundle,
        folder,
        judging_pairs(args.images, judging_scale(bundle.manifest)),
        finders=RANGES[args.ranges or PERCENTILE],
        device=device,
        overwrite=args.overwrite,
        say=Console.of(args).say,
    )
    if args.json:
        content = {"exit_code": 0, "kind": args.kind, **report.to_dict()}
        write_result(reports.document("calibrate", content))
    elif not args.quiet:
        write_result(_text(report))
    return 0


def _device(args: argparse.Namespace) -> Optional[Backend]:
    """Return a device that is named, and is another one than the CPU.

    Raises:
        BackendUnavailableError: it is not there.
    """
    from pcsr_edge.runtime.backends import backend_for

    backend = None if args.device == "auto" else backend_for(args.device, say=Console.of(args).say)
    return None if backend is None or backend.device is None else backend


def _text(report: Int8Report) -> str:
    kept = ", ".join(map(str, report.float_layers)) or "none"
    changes = (f"{change:+.3f} dB on {name}" for name, change in report.changes.items())
    return "\n".join(
        [
            f"{report.bundle.folder}: {len(report.found.chosen)} layers in int8, ranges by "
            f"{report.finder}",
            f"layers that stay in float: {kept}",
            f"PSNR: {report.found.change:+.3f} dB at worst, {', '.join(changes)}",
        ]
    )
