"""`pcsr-edge models --ladder`: the table, JSON, mistakes."""

from __future__ import annotations

import json

import pytest
from support import rated_bundles

from pcsr_edge.runtime.ladder import costs
from pcsr_edge.runtime.ladder.probe import Timing

MS = {"tiny-pcsr-x4 k=0": 4e6, "tiny-pcsr-x4 k=1": 3e6, "tiny-plain-x4": 2e6, "bicubic": 1e6}
"""Per megapixel; a picture of 500x2 takes a thousandth."""


@pytest.fixture
def ladder(cli, tmp_path, monkeypatch):
    """Return a function that runs `models --ladder`; costs are in the cache."""
    folder = rated_bundles.ship(tmp_path / "shipped", monkeypatch)
    entries = ({"k": 0.0, "psnr": 31.0}, {"k": 1.0, "psnr": 29.0})
    rated_bundles.rate(folder / "tiny-pcsr-x4", *entries)
    rated_bundles.rate(folder / "tiny-plain-x4", {"psnr": 30.0})
    monkeypatch.setenv("PCSR_EDGE_CACHE", str(tmp_path / "cache"))
    rated_bundles.price(MS)
    return lambda *arguments: cli("models", "--ladder", "--threads", "1", *arguments)


def test_rungs_are_listed_best_first_with_what_takes_them(ladder):
    ran = ladder("--size", "500x2")
    assert (ran.code, ran.err) == (0, "")
    lines = [line.split() for line in ran.out.splitlines()[2:6]]
    assert lines[0] == ["tiny-pcsr-x4", "k=0", "31.00", "4,000", "ms", "0.25"]
    assert lines[1][:5] == ["tiny-plain-x4", "30.00", "2,000", "ms", "0.5"]
    assert " ".join(lines[2][6:]) == "never: slower and worse than another"
    assert lines[3] == ["bicubic", "28.43", "1,000", "ms", "1", "--fps", "1"]


def test_it_says_where_and_when_it_was_measured(ladder):
    out = ladder().out
    assert "on this machine (" in out
    assert "1 thread" in out
    assert "2020-01-02T03:04:05+00:00" in out


def test_rates_that_nothing_keeps_are_named(ladder):
    assert "too fast for every rung: --fps 5, --fps 30" in ladder("--size", "500x2").out


def test_json(ladder):
    found = json.loads(ladder("--size", "500x2", "--json").out)["ladder"]
    assert found["size"] == {"width": 500, "height": 2}
    assert found["machine"]["threads"] == "1"
    assert [rung["expected_ms"] for rung in found["rungs"]] == pytest.approx([4e3, 2e3, 3e3, 1e3])
    assert [rung["useful"] for rung in found["rungs"]] == [True, True, False, True]
    assert [rung["taken_by_fps"] for rung in found["rungs"]] == [[], [], [], [1]]
    assert found["rungs"][2]["options"] == {"k": 1.0}


def test_measuring_again_replaces_what_was_known(ladder, monkeypatch):
    known = costs.full_cost

    def quick(rung, run_frame, rough):
        return known(rung, lambda rung, picture: Timing(1.0), rough)

    monkeypatch.setattr(costs, "full_cost", quick)
    ran = ladder("--measure", "--json")
    assert ran.err.count("measuring") == 4
    dates = {rung["measured"] for rung in json.loads(ran.out)["ladder"]["rungs"]}
    assert not any(date.startswith("2020") for date in dates)


def test_a_scale_without_models_has_bicubic_alone(ladder):
    found = json.loads(ladder("-s", "7", "--json").out)["ladder"]
    assert [rung["rung"] for rung in found["rungs"]] == ["bicubic"]


BAD = {
    "name": (("tiny-plain-x4",), "leave tiny-plain-x4 out"),
    "published": (("--published",), "leave --published out"),
    "filter": (("--min-fps", "5"), "leave --min-fps out"),
    "flag": (("--pareto",), "leave --pareto out"),
    "two-scales": (("-s", "2", "-s", "4"), "one scale at a time"),
    "size": (("--size", "5"), "no size"),
}


@pytest.mark.parametrize(("options", "text"), BAD.values(), ids=BAD.keys())
def test_options_of_something_else_are_refused(ladder, options, text):
    ran = ladder(*options)
    assert ran.code == 2
    assert text in ran.err


@pytest.mark.parametrize("options", [("--size", "5x5"), ("--measure",)])
def test_options_of_the_ladder_need_it(cli, options):
    ran = cli("models", *options)
    assert ran.code == 2
    assert f"{options[0]} is for --ladder" in ran.err
