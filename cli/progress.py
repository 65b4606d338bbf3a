"""The progress line: pictures and tiles done, with the time left, on stderr."""

from __future__ import annotations

import sys
from typing import Any, Optional

from pcsr_edge.cli.console import on_terminal
from pcsr_edge.runtime.closing import Closing


class Progress(Closing):
    """Shows how far a run of pictures has come; shows nothing where `enabled` is false.

    Tiles count as fractions of their picture, so the line and its estimate move on within a
    large one.
    """

    def __init__(self, total: int, *, enabled: bool, noun: str = "picture") -> None:
        self._total, self._noun, self._done = total, noun, 0
        self.text = ""
        self._bar: Optional[Any] = _bar(total) if enabled and on_terminal() else None
        self._show(0.0, "")

    def tile_done(self, done: int, total: int) -> None:
        """Report tiles of the present picture."""
        # A picture counts as done only when it is written, hence a little less than one.
        self._show(0.98 * done / max(total, 1), f", tile {done}/{total}" if total > 1 else "")

    def one_done(self) -> None:
        """Report one more picture finished."""
        self._done += 1
        self._show(0.0, "")

    def one_left_out(self) -> None:
        """Report one more picture skipped or failed; it does not count as work done.

        Otherwise a thousand skipped pictures would promise that the rest is as quick.
        """
        self._total -= 1
        if self._bar is not None:
            self._bar.total = float(max(self._total, 1))
        self._show(0.0, "")

    def _show(self, fraction: float, detail: str) -> None:
        self.text = f"{self._noun} {min(self._done + 1, self._total)}/{self._total}{detail}"
        if self._bar is not None:
            self._bar.set_postfix_str(self.text, refresh=False)
            self._bar.update(self._done + fraction - self._bar.n)

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()


def _bar(total: int) -> Any:
    from tqdm import tqdm

    return tqdm(
        total=float(total),
        file=sys.stderr,
        leave=False,
        dynamic_ncols=True,
        miniters=0,
        # The average over the whole run: pictures of mixed sizes make a moving one jump.
        smoothing=0,
        bar_format="{percentage:3.0f}% |{bar:30}| {elapsed}, {remaining} left{postfix}",
    )
