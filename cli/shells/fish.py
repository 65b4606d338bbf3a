"""Completion for fish."""

from __future__ import annotations

from typing import List, Sequence

from pcsr_edge.cli.shells.words import CHOICES, EITHER, FILES, Command, Option, Value

_HEAD = """\
# Completion of pcsr-edge for fish, made by: pcsr-edge completion fish
complete -c pcsr-edge -f
"""


def fish_script(commands: Sequence[Command]) -> str:
    """Return a script to be sourced, or to be put into fish's folder of completions."""
    lines: List[str] = []
    for command in commands:
        lines.append(f"{_line('__fish_use_subcommand')} -a {command.name} -d '{command.help}'")
        begin = _line(f"'__fish_seen_subcommand_from {command.name}'")
        lines += [f"{begin}{_option(option)}" for option in command.options]
        if command.positional.kind != "nothing":
            lines.append(f"{begin}{_value(command.positional)}")
    return _HEAD + "".join(f"{line}\n" for line in lines)


def _line(condition: str) -> str:
    return f"complete -c pcsr-edge -n {condition}"


def _option(option: Option) -> str:
    names = "".join(
        f" -l {name[2:]}" if name.startswith("--") else f" -s {name[1:]}" for name in option.names
    )
    value = "" if option.value is None else f" -x{_value(option.value)}"
    if option.value is not None and option.value.kind == FILES:
        value = " -r -F"
    return f"{names}{value} -d '{option.help}'"


def _value(value: Value) -> str:
    files = " -F" if value.kind in (FILES, EITHER) else ""
    words = f" -a '{' '.join(value.choices)}'" if value.kind in (CHOICES, EITHER) else ""
    return files + words
