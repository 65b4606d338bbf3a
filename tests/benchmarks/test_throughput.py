"""The benchmark that holds the pipeline against its slowest stage."""

from __future__ import annotations

import pytest
from support.tree import ROOT


@pytest.fixture(autouse=True)
def _root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT))


def test_all_together_are_held_against_the_slowest_of_all_rounds() -> None:
    from benchmarks.throughput import ALONE, Row

    wall = {
        "decode": [1.0, 1.0, 1.0],
        "upscale": [8.0, 9.0, 14.0],
        "encode": [12.0, 7.0, 7.0],
        "together": [10.0, 10.0, 20.0],
    }
    share = Row("model", wall, {}).share(ALONE)
    assert share.median == pytest.approx(0.8)
    assert share.high == pytest.approx(0.85)


def test_stages_that_only_wait_run_beside_nobody() -> None:
    from benchmarks.throughput import ALONE, TOGETHER, line, waiting

    row = waiting(5)
    assert set(row.wall_ms) == {*ALONE, TOGETHER}
    assert set(row.document()) == {"model", "wall_ms", "processor_ms", "share"}
    assert line(row).startswith("| waiting | ")
    assert line(row).count("|") == 7
