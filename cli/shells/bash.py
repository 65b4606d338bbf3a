"""Completion for bash."""

from __future__ import annotations

from typing import List, Sequence

from pcsr_edge.cli.shells.words import CHOICES, EITHER, FILES, Command, Value

_HEAD = """\
# Completion of pcsr-edge for bash, made by: pcsr-edge completion bash
_pcsr_edge() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} options=
    COMPREPLY=()
    # bash takes --device=cpu for three words.
    if [ "$word" = "=" ]; then
        word=
    elif [ "$before" = "=" ]; then
        before=${COMP_WORDS[COMP_CWORD-2]}
    fi
    if [ "$COMP_CWORD" -eq 1 ]; then
        mapfile -t COMPREPLY < <(compgen -W "%s --help --version" -- "$word")
        return
    fi
    case ${COMP_WORDS[1]} in
"""
_TAIL = """\
    esac
    if [[ $word == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
    fi
}
_pcsr_edge_words() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$word"); }
_pcsr_edge_files() {
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$word")
}
_pcsr_edge_either() {
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -W "$1" -- "$word"; compgen -f -- "$word")
}
complete -F _pcsr_edge pcsr-edge
"""


def bash_script(commands: Sequence[Command]) -> str:
    """Return a script to be sourced."""
    lines: List[str] = []
    for command in commands:
        lines += _case(command)
    names = " ".join(command.name for command in commands)
    return _HEAD % names + "".join(f"{line}\n" for line in lines) + _TAIL


def _case(command: Command) -> List[str]:
    names = " ".join(name for option in command.options for name in option.names)
    lines = [f"    {command.name})", f'        options="{names}"']
    # An option may leave its value out: `--json --html`.
    lines.append("        [[ $word == -* ]] || case $before in")
    for option in command.options:
        if option.value is not None:
            lines.append(f"        {'|'.join(option.names)}) {_reply(option.value)} ;;")
    lines.append(f"        *) {_reply(command.positional)} ;;")
    return [*lines, "        esac", "        ;;"]


def _reply(value: Value) -> str:
    words = " ".join(value.choices)
    if value.kind == CHOICES:
        return f'_pcsr_edge_words "{words}"'
    if value.kind == EITHER:
        return f'_pcsr_edge_either "{words}"'
    return "_pcsr_edge_files" if value.kind == FILES else ":"
