"""Options that several commands share, spelled once."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Optional, Union

from pcsr_edge.cli import values
from pcsr_edge.errors import UsageError

if TYPE_CHECKING:
    from pcsr_edge.runtime.engine import Backend

Arguments = Union[argparse.ArgumentParser, argparse._ArgumentGroup]
DEFAULT_MODEL = "pcsr-fsrcnn-x4"
PRECISIONS = ("fp32", "fp16", "int8")


def set_help(parser: argparse.ArgumentParser, description: str, *examples: str) -> None:
    """Give a command its description and the examples that end its help."""
    parser.description = description
    parser.epilog = "\n".join(("examples:", *(f"  {example}" for example in examples)))


def add_messages(parser: argparse.ArgumentParser) -> None:
    """Add -v and -q."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        "-v", "--verbose", action="count", default=0, help="say more; twice: tracebacks as well"
    )
    group.add_argument("-q", "--quiet", action="store_true", help="say nothing but errors")


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add --json."""
    parser.add_argument(
        "--json", action="store_true", help="print one JSON document on stdout, nothing else"
    )


def add_device(parser: argparse.ArgumentParser) -> None:
    """Add -d, -g, --precision and --threads: what runs the model."""
    add_device_alone(parser)
    add_engine(parser, precision=None)


def add_device_alone(parser: argparse.ArgumentParser) -> None:
    """Add -d and -g."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        "-d",
        "--device",
        type=values.device,
        default="auto",
        metavar="auto|cpu|cuda[:N]|trt[:N]",
        help="what runs the model; one that is named is never replaced by another "
        "(default auto, or $PCSR_EDGE_DEVICE)",
    )
    group.add_argument(
        "-g",
        "--gpu-id",
        dest="device",
        type=values.gpu_number,
        metavar="N",
        help="the same as --device cuda:N; -1 is the CPU",
    )


def add_engine(parser: Arguments, precision: Optional[str] = "fp32") -> None:
    """Add --precision and --threads; without a default precision `complete` finds one."""
    default = precision or "fp16 with TensorRT, else fp32"
    parser.add_argument(
        "--precision",
        choices=PRECISIONS,
        default=precision,
        help=f"precision of the graphs (default {default}); fp16 is for GPUs, int8 for plain "
        "models and for bundles that `pcsr-edge calibrate int8` made",
    )
    add_threads(parser)


def add_threads(parser: Arguments) -> None:
    """Add --threads."""
    parser.add_argument(
        "--threads",
        type=values.positive,
        metavar="N",
        help="CPU threads (default: all, or $PCSR_EDGE_THREADS)",
    )


def add_tile(parser: argparse.ArgumentParser) -> None:
    """Add -t and --memory-limit."""
    parser.add_argument(
        "-t",
        "--tile",
        type=values.tile,
        default="auto",
        metavar="auto|off|N",
        help="work in tiles of up to NxN LR pixels; the result is the same "
        "(default auto; 0 is auto)",
    )
    parser.add_argument(
        "--memory-limit",
        type=values.byte_count,
        metavar="SIZE",
        help="memory that automatic tiles may use, e.g. 2GiB or 800MB",
    )


def complete(args: argparse.Namespace) -> None:
    """Fill in what depends on other options: the precision, which goes by the device.

    The device is opened for it, and stays open for what follows: see `device_of`.

    Raises:
        BackendUnavailableError: the device was asked for by name and is not there.
    """
    if getattr(args, "precision", "") is not None or not isinstance(args.device, str):
        return  # given, or a command that takes several devices
    if getattr(args, "model", None) == "bicubic":
        args.precision = "fp32"  # it has no graphs, and knows no other
    else:
        from pcsr_edge.cli.console import Console
        from pcsr_edge.runtime.backends import backend_for

        args.opened = backend_for(args.device, say=Console.of(args).say)
        args.precision = args.opened.precision


def device_of(args: argparse.Namespace) -> Union[str, Backend]:
    """Return what `Upscaler.load` takes as its device: open already, or the word that was given."""
    opened: Optional[Backend] = getattr(args, "opened", None)
    device: str = args.device
    return opened or device


def add_models(parser: argparse.ArgumentParser) -> None:
    """Add -n and -m of commands that take several models."""
    parser.add_argument(
        "-n",
        "--model",
        action="append",
        default=[],
        metavar="NAME",
        help=f"a model; may repeat (default {DEFAULT_MODEL})",
    )
    parser.add_argument(
        "-m",
        "--model-path",
        action="append",
        default=[],
        metavar="BUNDLE_DIR",
        help="a bundle's folder; may repeat",
    )


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Add --k, --eta, --class and the like, of commands that take several: `model_settings.py`."""
    parser.add_argument(
        "--k",
        type=values.finite,
        action="append",
        default=[],
        metavar="F",
        help="cost exponent; may repeat (default: the model's); models without classes have none "
        "and are measured once",
    )
    parser.add_argument(
        "--eta",
        type=values.not_negative,
        action="append",
        default=[],
        metavar="F",
        help="what a dB is worth, of models of method arm and wbsr in place of k; may repeat",
    )
    parser.add_argument(
        "--halo", action="store_true", help="measure such models with patches without seams"
    )
    parser.add_argument("--adaptive", action="store_true", help="measure adaptive decision (ADM)")
    parser.add_argument(
        "--class",
        dest="force_class",
        type=values.natural,
        action="append",
        default=[],
        metavar="N",
        help="measure with every pixel in class N, 0 = heaviest; may repeat",
    )


def add_config(parser: argparse.ArgumentParser) -> None:
    """Add --config."""
    parser.add_argument(
        "--config",
        metavar="FILE",
        help="options from a file, such as `tune` writes; the command line and the environment "
        "come first (default: $PCSR_EDGE_CONFIG, else none)",
    )


def check_exclusive(**given: bool) -> None:
    """Refuse options that contradict each other.

    Raises:
        UsageError: more than one of them is given.
    """
    names = [f"--{name.replace('_', '-')}" for name, present in given.items() if present]
    if len(names) > 1:
        raise UsageError(f"{' and '.join(names)} exclude each other; give one of them")
