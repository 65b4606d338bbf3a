"""Completion for zsh."""

from __future__ import annotations

from typing import List, Sequence

from pcsr_edge.cli.shells.words import CHOICES, EITHER, FILES, Command, Option, Value

_HEAD = """\
#compdef pcsr-edge
# Completion of pcsr-edge for zsh, made by: pcsr-edge completion zsh
_pcsr_edge() {
    local -a commands
    commands=(
%s    )
    if (( CURRENT == 2 )); then
        _describe -t commands command commands
        return
    fi
    local command=$words[2]
    shift words
    (( CURRENT-- ))
    case $command in
"""
_TAIL = """\
    esac
}
_pcsr_edge_either() {
    local expl found=1
    _wanted names expl name compadd -- "$@" && found=0
    _files && found=0
    return found
}
# Sourced it is registered; autoloaded, by the name of its file, it is called.
if [[ "$funcstack[1]" == _pcsr[-_]edge ]]; then
    _pcsr_edge "$@"
else
    compdef _pcsr_edge pcsr-edge
fi
"""


def zsh_script(commands: Sequence[Command]) -> str:
    """Return a script to be sourced, or to be put into `$fpath` as `_pcsr-edge`."""
    listed = "".join(f"        '{command.name}:{command.help}'\n" for command in commands)
    lines: List[str] = []
    for command in commands:
        lines += _case(command)
    return _HEAD % listed + "".join(f"{line}\n" for line in lines) + _TAIL


def _case(command: Command) -> List[str]:
    specs = [spec for option in command.options for spec in _specs(option)]
    specs.append(f"'*:argument:{_action(command.positional)}'")
    body = " \\\n".join(f"            {spec}" for spec in specs)
    return [f"    {command.name})", f"        _arguments -s \\\n{body}", "        ;;"]


def _specs(option: Option) -> List[str]:
    """Return a line per name of an option; one excludes the others unless it may be repeated."""
    excluded = "*" if option.repeated else f"({' '.join(option.names)})"
    value = "" if option.value is None else f":value:{_action(option.value)}"
    return [f"'{excluded}{name}[{option.help}]{value}'" for name in option.names]


def _action(value: Value) -> str:
    if value.kind == CHOICES:
        return f"({' '.join(value.choices)})"
    if value.kind == EITHER:
        return f"{{_pcsr_edge_either {' '.join(value.choices)}}}"
    return "_files" if value.kind == FILES else " "
