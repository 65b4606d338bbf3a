"""Measured costs, kept in the user's cache from one run to the next."""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import Any, Dict, Mapping, Optional

from pcsr_edge.errors import OutputError
from pcsr_edge.runtime.images.atomic import write_atomically
from pcsr_edge.runtime.ladder.cost import BatchTime, Cost, Point
from pcsr_edge.runtime.ladder.rung import Rung

SCHEMA_VERSION = 2
_DAMAGE = (
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    # Brackets in brackets without end, and numbers.
    RecursionError,
    OverflowError,
)


class CostTable:
    """The costs of rungs on one machine, and of each engine by its batch size.

    Every cost is written at once. A file that cannot be read or written costs time, the next
    measurement, and is no error; a damaged one, or one of another machine, is made anew.

    Args:
        machine: see `describe_machine`; each has a file of its own.
        folder: of the cache; None keeps nothing.
    """

    def __init__(self, machine: Mapping[str, str], folder: Optional[Path]) -> None:
        self.machine = dict(machine)
        key = hashlib.sha256(json.dumps(self.machine, sort_keys=True).encode()).hexdigest()[:16]
        self.path = None if folder is None else folder / "costs" / f"{key}.json"
        self._entries: Dict[str, Cost] = self._read()

    def get(self, rung: Rung) -> Optional[Cost]:
        """Return what a rung costs, None where it was not measured."""
        return self._entries.get(rung.identity)

    def put(self, rung: Rung, cost: Cost) -> None:
        """Keep what was measured."""
        # Another process may have measured other rungs in the meantime.
        self._entries = {**self._read(), **self._entries, rung.identity: cost}
        if self.path is not None:
            with contextlib.suppress(OutputError):
                write_atomically(self.path, self._document().encode(), overwrite=True)

    def forget(self) -> None:
        """Drop everything, so that it is measured again."""
        self._entries = {}
        if self.path is not None:
            with contextlib.suppress(OSError):
                self.path.unlink()

    def _document(self) -> str:
        costs = {identity: asdict(cost) for identity, cost in self._entries.items()}
        document = {"schema_version": SCHEMA_VERSION, "machine": self.machine, "costs": costs}
        return json.dumps(document, indent=1)

    def _read(self) -> Dict[str, Cost]:
        if self.path is None:
            return {}
        try:
            document = json.loads(self.path.read_text(encoding="utf-8"))
            if (document["schema_version"], document["machine"]) != (SCHEMA_VERSION, self.machine):
                return {}
            return {str(key): _cost(entry) for key, entry in document["costs"].items()}
        except (OSError, *_DAMAGE):
            return {}


def _cost(entry: Any) -> Cost:
    engines = {
        str(name): tuple(BatchTime(*each) for each in times)
        for name, times in entry["engines"].items()
    }
    cost = Cost(Point(*entry["small"]), Point(*entry["large"]), str(entry["date"]), engines)
    for amount, ms in (cost.small, cost.large, *chain(*engines.values())):
        if not (isinstance(amount, int) and amount > 0 and math.isfinite(ms) and ms >= 0):
            raise ValueError(f"{amount} in {ms} ms is no measurement")
    if not all(engines.values()):
        raise ValueError("an engine was never measured")
    if not cost.small.ms or not cost.large.ms:
        raise ValueError("no frame takes no time")
    if not cost.is_rough and cost.large.cells <= cost.small.cells:
        raise ValueError("the large picture is not larger than the small one")
    return cost
