"""`python export/export.py CHECKPOINT -o BUNDLE`: the options of export, and what they start.

Imports neither torch nor onnx until it runs, so that help and errors come at once.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import List, Optional, Union

from pcsr_edge.errors import ExportError, PcsrEdgeError, UsageError
from pcsr_edge.installation import install_command
from pcsr_edge.runtime.bundle import MANIFEST_NAME
from pcsr_edge.streams import write_message, write_result


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of export."""
    parser.add_argument("checkpoint", metavar="CHECKPOINT", help="file of a trained network")
    parser.add_argument(
        "-o", "--output", required=True, metavar="BUNDLE_DIR", help="folder to write the bundle to"
    )
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
        help="precisions to write, separated by commas (default: %(default)s)",
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
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def run(args: argparse.Namespace) -> int:
    """Export as `args` say (see `add_arguments`), print the report, return the exit code 0.

    Raises:
        PcsrEdgeError: see `export_checkpoint` and `load_checkpoint`; or torch or onnx is missing.
    """
    source, folder = Path(args.checkpoint), Path(args.output)
    if (source / MANIFEST_NAME).exists():
        raise UsageError(
            f"{source} is a bundle, expected a checkpoint (.pth); its graphs run as they are"
        )
    precisions = [word.strip() for word in args.precision.split(",") if word.strip()]
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
    report = export_checkpoint(
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
    document = {"schema_version": 1, "command": "export", **report.to_dict()}
    if args.json:
        write_result(json.dumps(document, indent=2))
    elif not getattr(args, "quiet", False):  # an option of the command alone
        write_result("\n".join(report.lines()))
    return 0


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
