"""What is known of the engines in use: judged, not judged yet, or refused."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import Dict, Iterator, NamedTuple, Optional

from pcsr_edge.errors import AccuracyError
from pcsr_edge.runtime.engines.identity import Identity
from pcsr_edge.runtime.engines.shelf import Shelf
from pcsr_edge.runtime.engines.verdict import Verdict


class _Used(NamedTuple):
    identity: Identity
    sha256: str
    """Of the engine."""


class Proof:
    """The verdicts on the engines that a process uses, kept beside them in the cache.

    Args:
        shelf: where engines are kept.
    """

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._pending: Dict[str, _Used] = {}
        self._refusal: Optional[Verdict] = None
        self._lock = threading.RLock()
        self._judging = False

    @property
    def pending(self) -> bool:
        """Whether an engine in use was never judged."""
        return bool(self._pending)

    def note(self, identity: Identity, sha256: str) -> None:
        """Learn that an engine is used."""
        verdict = self._shelf.verdict(identity, sha256)
        if verdict is None:
            self._pending[identity.key] = _Used(identity, sha256)
        elif not verdict.passed:
            self._refusal = verdict

    def settle(self, verdict: Verdict) -> None:
        """Keep a verdict for all engines that have none.

        An engine that the judged frames did not use, for instance of another scale, shares theirs.

        Raises:
            EngineError: it cannot be kept.
        """
        # Another thread may note more meanwhile.
        for key, used in list(self._pending.items()):
            self._shelf.keep_verdict(used.identity, used.sha256, verdict)
            del self._pending[key]
        if not verdict.passed:
            self._refusal = verdict

    def check(self) -> None:
        """Refuse to go on with an engine that did not pass.

        Raises:
            AccuracyError: there is one.
        """
        if self._refusal is not None:
            raise AccuracyError(str(self._refusal))

    @contextmanager
    def judging(self) -> Iterator[bool]:
        """Give whether engines are to be judged now; not so within the frames that judge them."""
        with self._lock:
            begun = not self._judging and self.pending
            self._judging = self._judging or begun
            try:
                yield begun
            finally:
                self._judging = self._judging and not begun
