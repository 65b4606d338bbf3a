"""`pcsr-edge completion`: a script with which a shell completes commands, options and models."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import List, Tuple

import pcsr_edge
from pcsr_edge.cli import options
from pcsr_edge.cli.shells import words
from pcsr_edge.errors import PcsrEdgeError
from pcsr_edge.streams import write_result

SHELLS = ("bash", "zsh", "fish")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `completion`."""
    options.set_help(
        parser,
        "Print a script that lets a shell complete commands, options, models and files.\n"
        "Write it to a file and start a new shell; after an update, write it again.",
        "pcsr-edge completion bash > ~/.local/share/bash-completion/completions/pcsr-edge",
        "pcsr-edge completion zsh > ~/.zsh/completions/_pcsr-edge    # a folder of $fpath",
        "pcsr-edge completion fish > ~/.config/fish/completions/pcsr-edge.fish",
    )
    parser.add_argument("shell", choices=SHELLS, metavar="SHELL", help="bash, zsh or fish")
    options.add_messages(parser)


def run(args: argparse.Namespace) -> int:
    """Print the script."""
    from pcsr_edge.cli.shells.bash import bash_script
    from pcsr_edge.cli.shells.fish import fish_script
    from pcsr_edge.cli.shells.zsh import zsh_script

    scripts = {"bash": bash_script, "zsh": zsh_script, "fish": fish_script}
    write_result(scripts[args.shell](_commands()).rstrip("\n"))
    return 0


def _commands() -> List[words.Command]:
    from pcsr_edge.cli.main import COMMANDS, command_parser
    from pcsr_edge.cli.parser import Parser
    from pcsr_edge.runtime.bundle import shipped_bundles

    names = words.Names(tuple(shipped_bundles()), _recipes())
    found = []
    for command in COMMANDS:
        try:
            parser = command_parser(command)
        except PcsrEdgeError:  # it needs torch, which is not here
            parser = Parser(command.name)
        found.append(words.command_words(command.name, command.help, parser, names))
    return found


def _recipes() -> Tuple[str, ...]:
    # The package that reads them needs torch.
    folder = Path(pcsr_edge.__file__).parent / "train" / "recipes"
    return tuple(sorted(path.stem for path in folder.glob("*.json")))
