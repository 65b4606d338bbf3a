"""`pcsr-edge export`: the same as `python export/export.py`, with the help of a command."""

from __future__ import annotations

import argparse

from pcsr_edge.cli import options
from pcsr_edge.export import export as work


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `export`."""
    options.set_help(
        parser,
        "Turn a trained checkpoint into a bundle: checked ONNX graphs and a manifest, which run\n"
        "without torch. Exit code 4 if a graph differs from the network it was made of.",
        "pcsr-edge export runs/x4/checkpoint.pth -o my-model",
        "pcsr-edge export fsrcnn-pcsr-x4.pth -o fsrcnn-x4 --scale 4 --precision fp32",
        "pcsr-edge export checkpoint.pth -o my-model --overwrite --json",
        "pcsr-edge upscale in.png out.png -m my-model",
    )
    work.add_arguments(parser)
    options.add_messages(parser)


def run(args: argparse.Namespace) -> int:
    """Export the checkpoint and print the report."""
    return work.run(args)
