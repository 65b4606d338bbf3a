"""The pixels of a band: all at once or gathered, the same comes out."""

from __future__ import annotations

from typing import Any, List, Tuple

import numpy as np
import pytest

from pcsr_edge.runtime.stopwatch import Stopwatch
from pcsr_edge.runtime.tuning import NEVER, Tuning
from pcsr_edge.runtime.upsampling import upsample

CLASSES = np.array([0, 1, 1, 2, 1, 0, 1, 1], dtype=np.uint8)
"""Class 1 has 5 of 8."""


class FakeBand:
    """The base of query q is q; upsampler j adds 100 (j + 1) + q."""

    size = CLASSES.size

    def __init__(self, every_from: float, dense: bool = True) -> None:
        self.tuning = Tuning((4,) * 3, (every_from,) * 3)
        self.takes_all = dense
        self.ran: List[Tuple[str, int]] = []

    def base(self) -> Any:
        return self._values(np.arange(self.size), 0)

    def add_to_all(self, j: int, values: Any) -> None:
        self.ran.append(("every", j))
        values += self._values(np.arange(self.size), 100 * (j + 1))

    def residual(self, j: int, chosen: Any) -> Any:
        self.ran.append(("gathered", j))
        return self._values(chosen, 100 * (j + 1))

    @staticmethod
    def _values(queries: Any, offset: int) -> Any:
        return np.repeat(queries[:, None] + offset, 3, axis=1).astype(np.float32)


def upsampled(band: Any) -> Any:
    return upsample(band, CLASSES, 3, Stopwatch())


WAYS = {
    "gathered": (NEVER, True, "gathered"),
    "every": (0.5, True, "every"),
    "share-reached": (5 / 8, True, "every"),
    "share-missed": (5 / 8 + 0.01, True, "gathered"),
    "no-graph": (0.0, False, "gathered"),
}


@pytest.mark.parametrize(("every_from", "dense", "way"), WAYS.values(), ids=WAYS.keys())
def test_every_query_gets_the_residual_of_its_class(
    every_from: float, dense: bool, way: str
) -> None:
    band = FakeBand(every_from, dense)
    query = np.arange(CLASSES.size)
    exact = 2 * query + 100 * (CLASSES + 1.0)
    np.testing.assert_array_equal(upsampled(band), np.repeat(exact[:, None], 3, axis=1))
    assert sorted(band.ran) == sorted([("gathered", 0), (way, 1), ("gathered", 2)])


def test_a_class_without_queries_does_not_run() -> None:
    band: Any = FakeBand(NEVER)
    upsample(band, np.full(8, 2, np.uint8), 3, Stopwatch())
    assert band.ran == [("gathered", 2)]
