"""Check of the file that the environment names for every command."""

from __future__ import annotations

from pathlib import Path

from pcsr_edge.cli.health.finding import OK, PROBLEM, Finding
from pcsr_edge.cli.settings import CONFIG_VARIABLE, check_config
from pcsr_edge.errors import UsageError


def check_configuration(path: Path) -> Finding:
    """Report whether commands can read the file of $PCSR_EDGE_CONFIG; without, none of them runs.

    Sections of commands that need torch are not looked at: importing it may end the process.
    """
    from pcsr_edge.cli.main import COMMANDS, NEED_TORCH, WITHOUT_CONFIG, asked_command, is_command

    readers = [
        asked_command(command)
        for command in COMMANDS
        if command.extra not in NEED_TORCH and command.name not in WITHOUT_CONFIG
    ]
    try:
        check_config(path, readers, is_command)
    except UsageError as exc:
        return Finding("config", PROBLEM, f"${CONFIG_VARIABLE}: {exc}", f"unset {CONFIG_VARIABLE}")
    return Finding("config", OK, f"{path} (${CONFIG_VARIABLE})")
