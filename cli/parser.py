"""The parser of a command's arguments."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING, List, NoReturn, Optional, Sequence

from pcsr_edge.errors import UsageError
from pcsr_edge.streams import write_result

if TYPE_CHECKING:
    from _typeshed import SupportsWrite


class Parser(argparse.ArgumentParser):
    """An argument parser that raises `UsageError` where argparse prints and leaves."""

    def __init__(self, prog: str) -> None:
        super().__init__(
            prog=prog,
            # Abbreviated options in scripts would break whenever an option is added.
            allow_abbrev=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )

    def error(self, message: str) -> NoReturn:
        """Raise `message` as a `UsageError`."""
        raise UsageError(f"{message} (see '{self.prog} --help')")

    def print_help(self, file: Optional[SupportsWrite[str]] = None) -> None:
        """Write the help to `file`, by default to stdout as a result."""
        if file is None:
            write_result(self.format_help().rstrip())
        else:
            super().print_help(file)

    def parse(self, argv: Sequence[str]) -> argparse.Namespace:
        """Return the parsed arguments.

        Raises:
            UsageError: they make no sense.
        """
        try:
            # Intermixed, so that `upscale in.png -s 2 out.png` works.
            return self.parse_intermixed_args(self._unmistakable(argv))
        except UsageError as exc:
            files = [word for word in argv if word.startswith("-") and os.path.lexists(word)]
            if not files or "--" in argv:
                raise
            raise UsageError(
                f"{exc}; if {files[0]} is meant to be a file, write ./{files[0]}"
            ) from exc

    def given(self, argv: Sequence[str]) -> argparse.Namespace:
        """Return what the words themselves give, without any default.

        Raises:
            UsageError: they make no sense.
        """
        defaults = [(action, action.default) for action in self._actions]
        for action in self._actions:
            action.default = argparse.SUPPRESS
        try:
            return self.parse(argv)
        finally:
            for action, default in defaults:
                action.default = default

    def _unmistakable(self, argv: Sequence[str]) -> List[str]:
        """Turn `--k -1e39` into `--k=-1e39`, and `-- -in.png` into `./-in.png`.

        As two words argparse takes the number for an option unless it is as plain as -1.5, and
        `-inf` for the option `-i` with the value `nf`; and intermixed it forgets the `--`.
        """
        words: List[str] = []
        for i, word in enumerate(argv):
            if word == "--":
                paths = argv[i + 1 :]
                return words + [f"./{path}" if path.startswith("-") else path for path in paths]
            if words and self._takes_value(words[-1]) and _is_negative_number(word):
                words[-1] += f"={word}"
            else:
                words.append(word)
        return words

    def _takes_value(self, word: str) -> bool:
        action = self._option_string_actions.get(word)
        return action is not None and action.nargs is None


def _is_negative_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return word.startswith("-")
