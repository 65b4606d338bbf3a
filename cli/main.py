"""The entry point: finds the command, parses its arguments, turns errors into exit codes.

Only the module of the command in question is imported, and commands import their work inside
`run`, so that `--version` and `--help` load neither NumPy nor ONNX Runtime.
"""

from __future__ import annotations

import argparse
import difflib
import platform
import sys
from contextlib import suppress
from importlib import import_module
from types import ModuleType
from typing import List, NamedTuple, NoReturn, Optional, Sequence

from pcsr_edge import __version__
from pcsr_edge.cli import options, settings
from pcsr_edge.cli.console import Console
from pcsr_edge.cli.interruption import terminated_as_interrupted
from pcsr_edge.cli.parser import Parser
from pcsr_edge.cli.reports import document
from pcsr_edge.errors import PcsrEdgeError, UsageError
from pcsr_edge.installation import install_command
from pcsr_edge.streams import write_result

PROGRAM = "pcsr-edge"
INTERRUPTED = 130


class Command(NamedTuple):
    """One command: where it lives and what the list of commands says of it."""

    name: str
    module: str
    """Has `add_arguments(parser)` and `run(args) -> int`."""
    help: str
    extra: Optional[str] = None
    """Optional dependencies it needs; see `install_command`."""


COMMANDS = (
    Command("upscale", "pcsr_edge.cli.upscale", "enlarge pictures, folders, globs and videos"),
    Command("demo", "pcsr_edge.cli.demo", "enlarge the photograph that comes along, see it work"),
    Command("models", "pcsr_edge.cli.models", "list the models that come along"),
    Command("evaluate", "pcsr_edge.cli.evaluate", "measure PSNR and SSIM on a folder of pictures"),
    Command("explain", "pcsr_edge.cli.explain", "draw what a model has learned"),
    Command("engines", "pcsr_edge.cli.engines", "list or clear the TensorRT engines in the cache"),
    Command("profile", "pcsr_edge.cli.profile", "measure times on this machine, stage by stage"),
    Command("compare", "pcsr_edge.cli.compare", "hold one profile against another"),
    Command("tune", "pcsr_edge.cli.tune", "find the best setting for a frame rate"),
    Command("verify", "pcsr_edge.cli.verify", "hold one backend against another, stage by stage"),
    Command("doctor", "pcsr_edge.cli.doctor", "check this machine and say how to mend it"),
    Command("export", "pcsr_edge.cli.export", "turn a checkpoint into a bundle", "export"),
    Command("calibrate", "pcsr_edge.cli.calibrate", "add to a bundle what pictures tell", "int8"),
    Command("completion", "pcsr_edge.cli.completion", "let bash, zsh or fish complete all this"),
    Command("train", "pcsr_edge.cli.train", "train a model by a recipe", "train"),
)
EXTRA_MODULES = ("torch", "onnx")
NEED_TORCH = ("export", "train")
WITHOUT_CONFIG = ("doctor", "completion")
"""What works even where the file of $PCSR_EDGE_CONFIG makes no sense; `doctor` says so."""
EXAMPLES = """\
examples:
  pcsr-edge demo
  pcsr-edge upscale photo.png photo_x4.png
  pcsr-edge upscale holiday/ -o holiday_x4/
  pcsr-edge COMMAND --help"""


class _Version(argparse.Action):
    """Prints the versions; they are looked up only when asked for."""

    def __call__(self, *_args: object, **_kwargs: object) -> NoReturn:
        """Print one line and leave."""
        write_result(version_line())
        raise SystemExit(0)


def version_line() -> str:
    """Return the versions of the tool, of Python and of ONNX Runtime in one line."""
    return f"{PROGRAM} {__version__}, Python {platform.python_version()}, {_onnxruntime_version()}"


def _onnxruntime_version() -> str:
    from importlib import metadata

    for name in ("onnxruntime", "onnxruntime-gpu"):
        try:
            return f"{name} {metadata.version(name)}"
        except metadata.PackageNotFoundError:
            continue
    return "no onnxruntime"


def top_parser() -> Parser:
    """Return the parser of what comes before a command's own arguments."""
    parser = Parser(PROGRAM)
    width = max(len(command.name) for command in COMMANDS)
    lines = "\n".join(f"  {command.name:<{width}}  {command.help}" for command in COMMANDS)
    parser.usage = f"{PROGRAM} COMMAND [ARGUMENTS]\n       {PROGRAM} --version | --help"
    parser.description = (
        f"Content-adaptive super-resolution on small devices.\n\ncommands:\n{lines}"
    )
    parser.epilog = EXAMPLES
    parser.add_argument("-V", "--version", action=_Version, nargs=0, help="show versions and exit")
    return parser


def command_parser(command: Command) -> Parser:
    """Return the parser of one command's arguments."""
    parser = Parser(f"{PROGRAM} {command.name}")
    _module(command).add_arguments(parser)
    options.add_config(parser)
    return parser


def _module(command: Command) -> ModuleType:
    try:
        return import_module(command.module)
    except ModuleNotFoundError as exc:
        raise _explained(exc, command) from exc


def _explained(exc: ModuleNotFoundError, command: Command) -> Exception:
    """Return a missing optional dependency as an error of ours, anything else as it is."""
    missing = (exc.name or "").partition(".")[0]
    if command.extra is None or missing not in EXTRA_MODULES:
        return exc
    return PcsrEdgeError(
        f"{PROGRAM} {command.name} needs {missing}, which is not installed: "
        f"{install_command(command.extra)}"
    )


def asked_command(command: Command) -> settings.Command:
    """Return a command as what seeks its options wants it."""
    # What needs torch runs on machines that are not set up as devices are.
    in_environment = command.extra not in NEED_TORCH
    in_config = command.name not in WITHOUT_CONFIG
    return settings.Command(command.name, command_parser(command), in_environment, in_config)


def is_command(name: str) -> bool:
    """Return whether there is a command of that name."""
    return any(command.name == name for command in COMMANDS)


def find_command(name: str) -> Command:
    """Return the command of that name.

    Raises:
        UsageError: there is none; the message suggests the nearest.
    """
    for command in COMMANDS:
        if command.name == name:
            return command
    names = [command.name for command in COMMANDS]
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}?" if near else f"commands are {', '.join(names)}"
    raise UsageError(f"no command {name!r}; {hint}")


def _parse(argv: List[str]) -> Optional[argparse.Namespace]:
    """Return the parsed arguments, None where there is nothing to do but show help."""
    if not argv:
        top_parser().print_help(sys.stderr)
        return None
    if argv[0] == "help":
        argv = [*argv[1:2], "--help"]
    if argv[0].startswith("-"):
        top_parser().parse_args(argv)
        raise UsageError(f"expected a command first, got {argv[0]!r} (see '{PROGRAM} --help')")
    command = find_command(argv[0])
    asked = asked_command(command)
    args = asked.parser.parse(settings.all_words(asked, argv[1:], is_command))
    args.command = command
    args.command_line = [PROGRAM, *argv]
    return args


def _run(args: argparse.Namespace) -> int:
    try:
        options.complete(args)
        code: int = _module(args.command).run(args)
    except ModuleNotFoundError as exc:
        raise _explained(exc, args.command) from exc
    return code


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Run the command line and return its exit code.

    Codes: 0 all done, 1 something failed, 2 wrong usage, 3 backend not available, 4 accuracy
    gate failed, 5 conditions unfit for measuring, 130 interrupted or terminated. An exception
    that is not a `PcsrEdgeError` is a bug and leaves with its traceback.
    """
    args = None
    try:
        with terminated_as_interrupted():
            args = _parse(list(sys.argv[1:] if argv is None else argv))
            code = 2 if args is None else _run(args)
    except PcsrEdgeError as exc:
        Console.of(args).failure(exc)
        code = exc.exit_code
        _report(args, code, str(exc))
    except KeyboardInterrupt:
        Console.of(args).error("interrupted")
        code = INTERRUPTED
        _report(args, code, "interrupted")
    except SystemExit as exc:  # --help and --version end this way
        code = exc.code if isinstance(exc.code, int) else 0
    except BrokenPipeError:
        code = 1
    except OSError as exc:  # where no error of ours names the file and the way to mend it
        Console.of(args).failure(exc)
        code = 1
        _report(args, code, str(exc))
    return code


def _report(args: Optional[argparse.Namespace], code: int, message: str) -> None:
    """Print the document of a command that failed as a whole, where --json asks for one."""
    if args is None or not getattr(args, "json", False):
        return
    content = {"exit_code": code, "error": message}
    # Where stdout itself was what failed, that has been said.
    with suppress(PcsrEdgeError, BrokenPipeError):
        write_result(document(args.command.name, content))


if __name__ == "__main__":
    sys.exit(main())
