"""The benchmark that holds the pipeline against its slowest stage."""

from __future__ import annotations

import pytest
from support.tree import ROOT


@pytest.fixture(autouse=True)
def _root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT))


def test_all_together_are_held_against_the_slowest_of_their_own_round() -> None:
    from benchmarks.throughput import ALONE, Row

    wall = {
        "decode": [1.0, 1.0, 1.0],
        "upscale": [8.0, 9.0, 16.0],
        "encode": [4.0, 10.0, 10.0],
        "together": [10.0, 10.0, 20.0],
    }
    share = Row("model", wall, {}).share(ALONE)
    assert share.median == pytest.approx(0.8)
    assert share.high == pytest.approx(0.9)


def test_stages_that_wait_are_not_slowed_down_by_each_other() -> None:
    from benchmarks.throughput import BESIDE, line, waiting

    row = waiting(5)
    # A bound that no busy machine breaks: one after the other they would take all three times.
    assert row.wall_ms["together"][0] > max(row.wall_ms[name][0] for name in ("decode", "encode"))
    assert "share" in row.document()
    assert BESIDE[1] not in row.wall_ms
    assert line(row).startswith("| waiting | ")
    assert line(row).count("|") == 7
