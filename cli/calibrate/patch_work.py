"""What calibrating either kind of table for patches does around the table itself."""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, List, NamedTuple, Tuple

from pcsr_edge.cli import tables
from pcsr_edge.cli.console import Console
from pcsr_edge.cli.patch_table_view import curve_text
from pcsr_edge.cli.progress import Progress
from pcsr_edge.cli.reports import document
from pcsr_edge.errors import OutputError, UsageError
from pcsr_edge.installation import check_matplotlib
from pcsr_edge.streams import write_result

if TYPE_CHECKING:
    from pcsr_edge.calib.patch_samples import PatchSamples
    from pcsr_edge.runtime.bundle import Bundle
    from pcsr_edge.runtime.patch_table import PatchTable

MOST_CATEGORIES = 10_000
FLOPS, TIME = "flops", "time"


class Measured(NamedTuple):
    """What a table is made from."""

    bundle: Bundle
    samples: PatchSamples
    costs: Tuple[Tuple[float, ...], str]
    source: Dict[str, Any]
    rule: str


def measure(args: argparse.Namespace, method: str) -> Measured:
    """Run the subnets on the pictures, and find out what they cost.

    Raises:
        UsageError: the bundle is of another method, comes with the package, or no pictures are
            named.
        PcsrEdgeError: the bundle or the pictures cannot be used, or the plot not be written.
    """
    from pcsr_edge.calib.patch_costs import flops_costs, timed_costs
    from pcsr_edge.calib.patch_samples import load_subnets, sample_patches
    from pcsr_edge.calib.patch_tables import PICTURE
    from pcsr_edge.calib.target import check_not_shipped
    from pcsr_edge.runtime.backends import backend_for
    from pcsr_edge.runtime.bundle import load_bundle
    from pcsr_edge.runtime.images import picture_files

    bundle = load_bundle(args.bundle)
    if bundle.manifest.method != method:
        raise UsageError(
            f"bundle {bundle.folder} is of method {bundle.manifest.method}; {args.kind} is for "
            f"method {method}"
        )
    check_not_shipped(bundle, args.output or bundle.folder)
    if args.images is None:
        raise UsageError(f"{args.kind} is measured on pictures of yours; name a folder by --images")
    if args.plot is not None:
        _check_plot(Path(args.plot))
    console = Console.of(args)
    backend = backend_for(args.device, say=console.say)
    if args.costs == TIME and backend.device is not None:
        # Timed calls are those of the processor: a few patches in float32, from and to its
        # memory. On a device frames stay there, in larger batches and often in float16.
        raise UsageError(
            f"--costs {TIME} measures what runs on the processor, and device {args.device} is "
            f"{backend.name}; take --costs {FLOPS}, or calibrate for the processor by --device cpu"
        )
    with ExitStack() as stack:
        engines = load_subnets(bundle, stack, backend)
        total = len(picture_files([str(args.images)]))
        shown = not (args.no_progress or args.quiet)
        with Progress(total, enabled=shown, noun="picture") as progress:
            samples = sample_patches(bundle, engines, args.images, progress.one_done)
        for reason in samples.left_out:
            console.warn(f"left out: {reason}")
        source: Dict[str, Any] = {
            "images": args.images.resolve().name,
            "pictures": samples.pictures,
            "patches": len(samples.scores),
        }
        costs = flops_costs(bundle.manifest)
        if args.costs == TIME:
            costs, milliseconds = timed_costs(bundle.manifest, engines)
            source["widest_ms_per_patch"] = round(milliseconds, 4)
    return Measured(bundle, samples, (costs, args.costs or FLOPS), source, args.rule or PICTURE)


def _check_plot(path: Path) -> None:
    """Make sure that a plot can be drawn and written, before the minutes that precede it."""
    if not path.absolute().parent.is_dir():
        raise OutputError(f"{path} cannot be written: its folder does not exist")
    check_matplotlib()


def finish(args: argparse.Namespace, measured: Measured, table: PatchTable) -> int:
    """Store the table, draw it where that is wanted, and print it."""
    from pcsr_edge.calib import patch_plot
    from pcsr_edge.calib.table_file import store_table

    plot = None if args.plot is None else patch_plot.draw(table)
    path = store_table(measured.bundle, table, args.output)
    if plot is not None:
        from pcsr_edge.runtime.images.atomic import write_atomically

        write_atomically(Path(args.plot), plot, overwrite=True)
    if args.json:
        content: Dict[str, Any] = {"exit_code": 0, "kind": args.kind, "file": path}
        content["table"] = table.to_dict()
        content["left_out"] = list(measured.samples.left_out)
        write_result(document("calibrate", content))
    elif not args.quiet:
        write_result("\n\n".join(_texts(table, path)))
    return 0


def _texts(table: PatchTable, path: Path) -> List[str]:
    last = len(table.costs) - 1
    names = [*(f"subnet {j}" for j in range(last)), "interpolation"]
    width = (table.high - table.low) / len(table.psnr)
    rows = [
        (f"{table.low + index * width:.1f}", str(count), *(f"{value:.2f}" for value in psnr))
        for index, (psnr, count) in enumerate(zip(table.psnr, table.counts))
        if count > 0
    ]
    rows.append((f"cost ({table.costs_of})", "", *(f"{cost:.3f}" for cost in table.costs)))
    texts = [tables.table(("from", "patches", *names), rows)]
    if table.curve:
        texts.append(curve_text(table))
    return [*texts, f"{path}: from {table.source['patches']} patches"]
