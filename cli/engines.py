"""`pcsr-edge engines`: the TensorRT engines in the user's cache."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, Dict, List, Optional

from pcsr_edge.cli import options
from pcsr_edge.streams import write_result

if TYPE_CHECKING:
    from pcsr_edge.runtime.engines.identity import Place
    from pcsr_edge.runtime.engines.shelf import Kept


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `engines`."""
    options.set_help(
        parser,
        "List or clear the engines that TensorRT built on this machine. Each belongs to one\n"
        "graph, precision, range of sizes, TensorRT version and GPU; one that belongs elsewhere\n"
        "is stale: where it is needed, another one is built.",
        "pcsr-edge engines list",
        "pcsr-edge engines list --json",
        "pcsr-edge engines clear",
    )
    parser.add_argument(
        "action",
        choices=("list", "clear"),
        metavar="list|clear",
        help="show the engines, or remove all of them and what was measured for them",
    )
    options.add_json(parser)
    options.add_messages(parser)


def run(args: argparse.Namespace) -> int:
    """Do it and return 0."""
    from pcsr_edge.runtime.engines.shelf import Shelf

    shelf = Shelf()
    if args.action == "clear":
        gone = shelf.clear()
        _report(args, gone, f"{_total(gone)} removed", None)
        return 0
    kept, place = shelf.kept(), _place()
    _report(args, kept, f"{_total(kept)} in {shelf.folder}", place)
    return 0


def _place() -> Optional[Place]:
    """Return what engines must belong to here; None where TensorRT or a GPU is missing."""
    from pcsr_edge.errors import BackendUnavailableError
    from pcsr_edge.runtime.cuda_device import CudaDevice
    from pcsr_edge.runtime.engines.identity import Place
    from pcsr_edge.runtime.engines.library import load_tensorrt

    try:
        return Place.of(load_tensorrt(), CudaDevice(0))
    except BackendUnavailableError:
        return None


def _report(args: argparse.Namespace, kept: List[Kept], total: str, place: Optional[Place]) -> None:
    from pcsr_edge.cli import reports, tables

    if args.json:
        entries = [_entry(each, place) for each in kept]
        write_result(reports.document("engines", {"action": args.action, "engines": entries}))
        return
    if kept and args.action == "list":
        heads = (
            *("graph", "precision", "shapes", "TensorRT", "GPU", "size", "built in"),
            *("PSNR dB", "state"),
        )
        write_result(tables.table(heads, [_row(each, place) for each in kept]))
    if not args.quiet:
        write_result(total)


def _state(kept: Kept, place: Optional[Place]) -> str:
    if kept.record is None:
        return "damaged"
    if place is None:
        return "unknown: no TensorRT or no GPU here"
    if kept.record.identity.place == place:
        return "refused" if kept.verdict is not None and not kept.verdict.passed else "ready"
    return "stale: built by another TensorRT or for another GPU"


def _entry(kept: Kept, place: Optional[Place]) -> Dict[str, Any]:
    entry: Dict[str, Any] = {
        "file": str(kept.path),
        "size_bytes": kept.size,
        "state": _state(kept, place).partition(":")[0],
    }
    if kept.record is None:
        return entry
    record, identity = kept.record, kept.record.identity
    return {
        **entry,
        "model": record.model,
        "graph": record.graph,
        "graph_sha256": identity.graph,
        "precision": identity.precision,
        "shapes": identity.shapes,
        "tensorrt": identity.place.tensorrt,
        "gpu": identity.place.gpu,
        "compute_capability": identity.place.capability,
        "build_seconds": record.seconds,
        "accuracy": None if kept.verdict is None else kept.verdict.to_dict(),
        "created": record.created,
    }


def _row(kept: Kept, place: Optional[Place]) -> List[str]:
    from pcsr_edge.cli.tables import bytes_text, seconds_text

    size, state = bytes_text(kept.size), _state(kept, place)
    if kept.record is None:
        return [kept.path.name, "-", "-", "-", "-", size, "-", "-", state]
    record, identity = kept.record, kept.record.identity
    shapes = ", ".join(f"{name} {key}" for name, key in identity.shapes.items())
    gpu = f"{identity.place.gpu} ({identity.place.capability})"
    return [
        f"{record.graph} of {record.model}",
        identity.precision,
        shapes,
        identity.place.tensorrt,
        gpu,
        size,
        seconds_text(record.seconds),
        "not judged" if kept.verdict is None else f"{kept.verdict.psnr_change_db:+.3f}",
        state,
    ]


def _total(kept: List[Kept]) -> str:
    from pcsr_edge.cli.tables import bytes_text, plural

    return f"{plural(len(kept), 'engine')}, {bytes_text(sum(each.size for each in kept))}"
