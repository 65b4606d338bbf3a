"""What a shell may complete, read from the parsers."""

from __future__ import annotations

import argparse
import re
from typing import NamedTuple, Optional, Tuple

NOTHING, FILES, CHOICES, EITHER = "nothing", "files", "choices", "either"
_OF_FILES = re.compile(r"FILE|FOLDER|DIR|INPUT|OUTPUT|CHECKPOINT|\.json$|^IN$|^OUT$")
_OF_BUNDLES = ("BUNDLE", "MODEL", "NAME")
"""Of arguments that are a model's name or a bundle's folder."""


class Names(NamedTuple):
    """What comes with the package."""

    models: Tuple[str, ...]
    recipes: Tuple[str, ...]


class Value(NamedTuple):
    """What may stand behind an option, or in place of a name."""

    kind: str
    """`nothing` that a shell could know, `files`, `choices`, or `either` of these."""
    choices: Tuple[str, ...] = ()


class Option(NamedTuple):
    """An option of a command."""

    names: Tuple[str, ...]
    help: str
    """A few words."""
    value: Optional[Value]
    """None for a flag."""
    repeated: bool


class Command(NamedTuple):
    """A command."""

    name: str
    help: str
    options: Tuple[Option, ...]
    positional: Value


def command_words(
    name: str, help_text: str, parser: argparse.ArgumentParser, names: Names
) -> Command:
    """Return what a shell may complete behind a command."""
    options = [_option(action, names) for action in parser._actions if action.option_strings]
    positionals = [action for action in parser._actions if not action.option_strings]
    values = [_value(action, names) for action in positionals]
    known = next((value for value in values if value.kind != NOTHING), Value(NOTHING))
    return Command(name, help_text, tuple(options), known)


def _option(action: argparse.Action, names: Names) -> Option:
    return Option(
        tuple(action.option_strings),
        _few_words(action.help or ""),
        None if action.nargs == 0 else _value(action, names),
        isinstance(action, (argparse._AppendAction, argparse._CountAction)),
    )


def _value(action: argparse.Action, names: Names) -> Value:
    if action.choices is not None:
        return Value(CHOICES, tuple(str(choice) for choice in action.choices))
    if not action.option_strings and action.metavar in _OF_BUNDLES:
        return Value(EITHER, names.models)
    if action.metavar == "RECIPE":
        return Value(EITHER, names.recipes)
    if action.dest == "model":
        return Value(CHOICES, names.models)
    return _by_metavar(str(action.metavar or action.dest.upper()))


def _by_metavar(text: str) -> Value:
    words = _words_of_metavar(text)
    if words:
        return Value(CHOICES, words)
    return Value(FILES if _OF_FILES.search(text) else NOTHING)


def _words_of_metavar(text: str) -> Tuple[str, ...]:
    """Return `auto` and `cpu` of `auto|cpu|cuda[:N]|N`: what stands there as it is typed."""
    if "|" not in text:
        return ()
    words = (re.sub(r"\[.*\]", "", word) for word in text.split("|"))
    return tuple(word for word in words if word.islower())


def _few_words(text: str) -> str:
    """Return the first part of a help text, without what shells would take for theirs."""
    first = re.split(r"; | \(|, e\.g\.", text.replace("%%", "%"))[0]
    first = first.replace(": ", ", ").replace("'", "’")
    return re.sub(r"[^\w\s,.’/%×=-]", "", first).strip()
