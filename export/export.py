"""`python export/export.py CHECKPOINT -o BUNDLE`: the options of export, and what they start.

Imports neither torch nor onnx until it runs, so that help and errors come at once.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Tuple, Union

from pcsr_edge.errors import ExportError, PcsrEdgeError, UsageError
from pcsr_edge.installation import install_command
from pcsr_edge.runtime.bundle import MANIFEST_NAME, load_bundle, shipped_bundles
from pcsr_edge.streams import write_message, write_result

if TYPE_CHECKING:
    from pcsr_edge.export.engines import EngineReport
    from pcsr_edge.export.report import ExportReport


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of export."""
    parser.add_argument(
        "checkpoint",
        metavar="CHECKPOINT|BUNDLE",
        help="file of a trained network; with --engine also a bundle's folder or name",
    )
    parser.add_argument("-o", "--output", metavar="BUNDLE_DIR", help="folder of the new bundle")
    parser.add_argument("--name", help="name of the model (default: that of the folder)")
    parser.add_argument(
        "--scale",
        metavar="S",
        help="magnification it was trained for, or 'any' (default: what the checkpoint says, or 4)",
    )
    parser.add_argument(
        "--precision",
        default="fp32,fp16",
        metavar="LIST",
        help="precisions to write, separated by commas (default: fp32,fp16)",
    )
    parser.add_argument(
        "--quality",
        action="append",
        default=[],
        metavar="NAME=FILE",
        help="put measured quality into the manifest: data set and report of "
        "`pcsr-edge evaluate --json`; may be repeated",
    )
    parser.add_argument("--licence", help="licence of the weights, for the bundle's provenance")
    parser.add_argument(
        "--verify",
        action="store_true",
        default=True,
        help="hold every graph against the network before anything is written (default)",
    )
    parser.add_argument("--no-verify", action="store_false", dest="verify", help="do not")
    parser.add_argument("--overwrite", action="store_true", help="replace a bundle that is there")
    parser.add_argument(
        "--engine",
        action="store_true",
        help="build TensorRT engines of the bundle for this machine's GPU, into the user's cache",
    )
    parser.add_argument(
        "--size",
        metavar="WxH",
        help="with --engine: frames of exactly this size, which is faster (default: a range)",
    )
    parser.add_argument(
        "--gpu-id", type=int, default=0, metavar="N", help="with --engine: number of the GPU"
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def run(args: argparse.Namespace) -> int:
    """Export as `args` say (see `add_arguments`), print the report, return the exit code 0.

    Raises:
        PcsrEdgeError: see `export_checkpoint`, `load_checkpoint` and `build_engines`; or torch or
            onnx is missing.
    """
    precisions = [word.strip() for word in args.precision.split(",") if word.strip()]
    size = _size(args)
    is_bundle = (Path(args.checkpoint) / MANIFEST_NAME).exists()
    is_bundle = is_bundle or (args.engine and args.checkpoint in shipped_bundles())
    if is_bundle and not args.engine:
        raise UsageError(
            f"{args.checkpoint} is a bundle, expected a checkpoint (.pth); its graphs run as they "
            "are; --engine builds TensorRT engines of them"
        )
    if is_bundle == (args.output is not None):
        raise UsageError(
            "engines go into the user's cache, leave -o out"
            if is_bundle
            else "a bundle needs a folder; name it with -o"
        )
    document: Dict[str, Any] = {"schema_version": 1, "command": "export"}
    lines: List[str] = []
    if not is_bundle:
        exported = _export(args, precisions)
        document.update(exported.to_dict())
        lines += exported.lines()
    if args.engine:
        built = _build(args, args.checkpoint if is_bundle else args.output, precisions, size)
        document["engines"] = built.to_dict()
        lines += built.lines()
    if args.json:
        write_result(json.dumps(document, indent=2))
    elif not getattr(args, "quiet", False):  # an option of the command alone
        write_result("\n".join(lines))
    return 0


def _build(
    args: argparse.Namespace, bundle: str, precisions: List[str], size: Optional[Tuple[int, int]]
) -> EngineReport:
    from pcsr_edge.export.engines import build_engines

    return build_engines(
        load_bundle(bundle),
        # What a GPU is fastest with.
        "fp16" if "fp16" in precisions else precisions[0],
        size,
        gpu=args.gpu_id,
        say=(lambda text: None) if getattr(args, "quiet", False) else write_message,
    )


def _size(args: argparse.Namespace) -> Optional[Tuple[int, int]]:
    """Return (h, w) of --size."""
    if args.size is None:
        return None
    match = re.fullmatch(r"([1-9]\d*)x([1-9]\d*)", args.size)
    if match is None or not args.engine:
        raise UsageError(
            f"--size {args.size} makes no sense, expected width and height such as 480x270, "
            "with --engine"
        )
    return int(match[2]), int(match[1])


def _export(args: argparse.Namespace, precisions: List[str]) -> ExportReport:
    source, folder = Path(args.checkpoint), Path(args.output)
    scale = _scale(args.scale)
    try:
        from pcsr_edge.export.checkpoint import export_checkpoint
        from pcsr_edge.export.quality import quality_from_option
        from pcsr_edge.models import load_checkpoint
    except ModuleNotFoundError as exc:
        raise ExportError(
            f"export needs {exc.name}, which is not installed: {install_command('export')}"
        ) from exc
    checkpoint = load_checkpoint(source)
    name = args.name if args.name is not None else folder.absolute().name
    return export_checkpoint(
        checkpoint,
        folder,
        name=name,
        scale=scale,
        precisions=precisions,
        verify=args.verify,
        quality=[q for option in args.quality for q in quality_from_option(option, name)],
        licence=args.licence,
        overwrite=args.overwrite,
    )


def _scale(text: Optional[str]) -> Union[int, str, None]:
    if text is None or text == "any":
        return text
    try:
        return int(text)
    except ValueError as exc:
        raise UsageError(
            f"--scale {text} makes no sense, expected a whole number or 'any'"
        ) from exc


def main(argv: Optional[List[str]] = None) -> int:
    """Run from the command line; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="export.py", description="Write a trained network as a bundle of ONNX graphs."
    )
    add_arguments(parser)
    args = parser.parse_args(argv)
    try:
        return run(args)
    except PcsrEdgeError as exc:
        write_message(f"error: {exc}")
        return exc.exit_code
    except KeyboardInterrupt:
        write_message("error: interrupted")
        return 130
    except BrokenPipeError:
        return 1


if __name__ == "__main__":
    sys.exit(main())
