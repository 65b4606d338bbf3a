"""Options that are not on the command line: from the environment, and from the file of `--config`.

The command line comes first, then the environment, then the file, then the default. What a higher
one gives silences its rivals below: `--adaptive` on the line silences `k` of the file.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, List, Mapping, NamedTuple, Optional, Sequence, Set

from pcsr_edge.cli.config import ALL, Section, read_config
from pcsr_edge.cli.console import Console
from pcsr_edge.cli.parser import Parser
from pcsr_edge.errors import UsageError

PREFIX = "PCSR_EDGE_"
IN_ENVIRONMENT = ("device", "threads", "precision", "model", "tile", "memory-limit")
"""Options that `PCSR_EDGE_DEVICE`, … give; those that could overwrite files are not among them."""
CONFIG_VARIABLE = f"{PREFIX}CONFIG"
MODEL = frozenset(("model", "model_path", "fps", "budget_ms"))
OF_MODEL = frozenset(("k", "eta", "halo", "adaptive", "force_class"))
"""Settings of a model: whoever names another one does not mean them."""
NOT_SET = ("help", "config")
"""Options that make no sense but on the command line."""
YES, NO = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


class Command(NamedTuple):
    """The command whose options are sought."""

    name: str
    parser: Parser
    in_environment: bool
    """Whether the environment holds for it."""
    in_config: bool = True
    """Whether the file that the environment names holds for it."""


class Setting(NamedTuple):
    """One option from elsewhere."""

    option: str
    """Long, without its hyphens."""
    value: Any
    """As JSON or the environment has it."""
    source: str
    """For messages, e.g. `$PCSR_EDGE_DEVICE`."""


def all_words(
    command: Command, argv: Sequence[str], is_command: Callable[[str], bool]
) -> List[str]:
    """Return the words of the command line, those of environment and file in front of them.

    Args:
        command: what is run.
        argv: the words of the command line behind the command.
        is_command: whether a name is one; others are no sections of a file.

    Raises:
        UsageError: something makes no sense; the message says where it stands.
    """
    given = command.parser.given(argv)
    layers, console = Layers(command.parser, vars(given)), Console.of(given)
    if command.in_environment:
        found = from_environment(os.environ)
        layers.add([setting for setting in found if layers.has(setting.option)])
    path = getattr(given, "config", None) or (command.in_config and os.environ.get(CONFIG_VARIABLE))
    if path:
        sections = _sections(Path(path), is_command)
        for setting in _add_sections(layers, sections, command.name, Path(path)):
            console.detail(f"{command.name} has no {setting.option} ({setting.source})")
    for setting in layers.taken:
        console.detail(f"{setting.option} = {setting.value} ({setting.source})")
    return [*layers.words, *argv]


def check_config(
    path: Path, commands: Iterable[Command], is_command: Callable[[str], bool]
) -> None:
    """Look for what would stop commands that read a file.

    Raises:
        UsageError: something makes no sense; the message says where it stands.
    """
    sections = _sections(path, is_command)
    for command in commands:
        _add_sections(Layers(command.parser, ()), sections, command.name, path)


def _sections(path: Path, is_command: Callable[[str], bool]) -> Dict[str, Section]:
    sections = read_config(path)
    for name in sections:
        if name != ALL and not is_command(name):
            raise UsageError(f"the config {path} has a section {name!r}, which is no command")
    return sections


def _add_sections(
    layers: Layers, sections: Mapping[str, Section], name: str, path: Path
) -> List[Setting]:
    """Add the sections for a command, and return the settings for all that it has no use for."""
    layers.add(from_section(sections.get(name, {}), f"{path}, {name}"))
    common = from_section(sections.get(ALL, {}), f"{path}, {ALL}")
    layers.add([setting for setting in common if layers.has(setting.option)])
    return [setting for setting in common if not layers.has(setting.option)]


def from_environment(environment: Mapping[str, str]) -> List[Setting]:
    """Return the settings of the environment; empty variables count as not set."""
    found = []
    for option in IN_ENVIRONMENT:
        variable = PREFIX + option.upper().replace("-", "_")
        if environment.get(variable):
            found.append(Setting(option, environment[variable], f"${variable}"))
    return found


def from_section(section: Mapping[str, Any], source: str) -> List[Setting]:
    """Return the settings of one section of a file."""
    return [Setting(option.replace("_", "-"), value, source) for option, value in section.items()]


class Layers:
    """Puts settings in front of the words of the command line, the lowest first.

    Args:
        parser: of the command.
        given: the names (`dest`) of what the command line gives.
    """

    def __init__(self, parser: argparse.ArgumentParser, given: Iterable[str]) -> None:
        self.words: List[str] = []
        """Words for the parser."""
        self.taken: List[Setting] = []
        """Settings that hold."""
        self._parser, self._given = parser, set(given)

    def has(self, option: str) -> bool:
        """Return whether the command has an option."""
        return self._action(option) is not None

    def add(self, settings: Sequence[Setting]) -> None:
        """Add what comes below all that was added before.

        Raises:
            UsageError: the command has no such option, or the option no such value.
        """
        silenced = self._silenced()
        words = []
        for setting in settings:
            action = self._action(setting.option)
            if action is None:
                raise UsageError(f"{setting.source}: there is no option {setting.option!r}")
            if action.dest not in silenced:
                words += _words(action, setting)
                self.taken.append(setting)
                self._given.add(action.dest)
        self.words[:0] = words

    def _action(self, option: str) -> Optional[argparse.Action]:
        if option in NOT_SET:
            return None
        return self._parser._option_string_actions.get(f"--{option}")

    def _silenced(self) -> Set[str]:
        """Return the names that what is given leaves no room for."""
        silenced = set(self._given)
        for group in self._parser._mutually_exclusive_groups:
            names = {action.dest for action in group._group_actions}
            if names & self._given:
                silenced |= names
        if MODEL & self._given:
            silenced |= MODEL | OF_MODEL
        return silenced


def _words(action: argparse.Action, setting: Setting) -> List[str]:
    """Return a setting as words of a command line."""
    option = f"--{setting.option}"
    if action.nargs == 0:
        return [option] if _flag(setting) else []
    values = setting.value if isinstance(setting.value, list) else [setting.value]
    if len(values) != 1 and not isinstance(action, argparse._AppendAction):
        raise UsageError(f"{setting.source}: {setting.option} takes one value, not {len(values)}")
    words = []
    for value in values:
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            raise UsageError(f"{setting.source}: {value!r} is no value for {setting.option}")
        _check(action, str(value), setting)
        words.append(f"{option}={value}")
    return words


def _check(action: argparse.Action, text: str, setting: Setting) -> None:
    """Refuse what the option would refuse, by the name of where it comes from."""
    try:
        value = action.type(text) if callable(action.type) else text
    except (argparse.ArgumentTypeError, ValueError) as exc:
        raise UsageError(f"{setting.source}: {setting.option}: {exc}") from exc
    if action.choices is not None and value not in action.choices:
        choices = ", ".join(str(choice) for choice in action.choices)
        raise UsageError(
            f"{setting.source}: {text!r} is no value for {setting.option}; expected {choices}"
        )


def _flag(setting: Setting) -> bool:
    text = str(setting.value).lower()
    if text in YES + NO:
        return text in YES
    raise UsageError(
        f"{setting.source}: {setting.value!r} is no value for {setting.option}; expected true "
        "or false"
    )
