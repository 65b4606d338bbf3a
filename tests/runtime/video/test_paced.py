"""Gears with real models; their costs are made up, so that only what is done is asserted."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support.fake_supernet import fake_table
from support.host_backend import device_upscaler
from support.known_costs import CELLS, known

from pcsr_edge.errors import UsageError
from pcsr_edge.runtime.bundle import load_bundle
from pcsr_edge.runtime.ladder.cost import BatchTime, Cost
from pcsr_edge.runtime.ladder.cost import Point as CostPoint
from pcsr_edge.runtime.ladder.cost_table import CostTable
from pcsr_edge.runtime.ladder.rung import rung_at_work, rung_of_class
from pcsr_edge.runtime.patch_table import FILES
from pcsr_edge.runtime.upscaler import Upscaler
from pcsr_edge.runtime.video.gears import GearBox, Model
from pcsr_edge.runtime.video.pace import FIRST
from pcsr_edge.runtime.video.paced import PacedUpscaler
from pcsr_edge.runtime.video.work_curve import BETWEEN, WORKS


class NoMeasuring(CostTable):
    """A table that must know everything."""

    def put(self, rung, cost) -> None:
        raise AssertionError(f"{rung.name} was measured")


@pytest.fixture
def picture():
    return np.random.default_rng(5).random((24, 20, 3)).astype(np.float32)


def test_a_generous_budget_runs_the_best_gear_with_all_work(paced, picture) -> None:
    upscaler = paced(60_000)
    result = upscaler.run(picture, size=(96, 80))
    assert upscaler.names == ["tiny-pcsr-x4", "bicubic"]
    assert (result.rung, result.fractions) == ("tiny-pcsr-x4 100% heavy", (1.0, 0.0))


def test_an_impossible_budget_runs_the_fastest(paced, picture) -> None:
    upscaler = paced(1e-6)
    result = upscaler.run(picture, size=(96, 80))
    assert result.rung == "bicubic"
    assert upscaler.names == ["bicubic"]


def test_known_costs_are_not_measured(paced, picture, tiny_folder) -> None:
    table = known({tiny_folder: (20, 40, 120, 100), "bicubic": (1,)})
    table.__class__ = NoMeasuring
    told = []
    upscaler = paced(100, table=table, told=told.append)
    upscaler.run(picture, size=(96, 80))
    assert told == []
    # Between 40 and 120 ms at 10 and 90 % of the work.
    assert upscaler.pace.work == pytest.approx(0.1 + 0.8 * (100 * FIRST - 40) / 80)


def test_unknown_costs_are_measured_once_and_kept(paced, picture, tiny_folder) -> None:
    table, told = CostTable({"cpu": "fake"}, None), []
    paced(60_000, table=table, told=told.append).run(picture, size=(96, 80))
    assert told[0] == "tiny-pcsr-x4 0% heavy"
    assert len(told) == len(WORKS) + 1
    paced(60_000, table=table, told=told.append).run(picture, size=(96, 80))
    assert len(told) == len(WORKS) + 1
    cost = table.get(rung_at_work(load_bundle(tiny_folder), 4.0, "fp32", 1.0))
    queries = [16 * point.cells for point in (cost.small, cost.large)]
    assert [seen.batch for seen in cost.engines["upsampler_0"]] == queries


def test_what_is_slower_and_worse_is_no_gear(paced, picture, tiny_folder) -> None:
    table = known(
        {
            tiny_folder: (20, 40, 120, 100),
            "plain-s-x4": (30,),
            "esr-max-x4": (9,),
            "bicubic": (1,),
        }
    )
    models = [tiny_folder, "plain-s-x4", "esr-max-x4"]
    upscaler = paced(50, models, table)
    upscaler.run(picture, size=(96, 80))
    assert upscaler.names == ["tiny-pcsr-x4", "esr-max-x4", "bicubic"]


def test_little_time_is_light_only_and_none_is_the_next_gear(paced, picture, tiny_folder) -> None:
    table = known({tiny_folder: (20, 40, 120, 100), "bicubic": (1,)})
    light, next_gear = paced(20.5, table=table), paced(19, table=table)
    assert light.run(picture, size=(96, 80)).fractions == (0.0, 1.0)
    assert next_gear.run(picture, size=(96, 80)).rung == "bicubic"


def test_observations_move_the_gear(paced, picture) -> None:
    upscaler = paced(60_000)
    upscaler.run(picture, size=(96, 80))
    for _ in range(24):
        upscaler.observe(400_000)
    assert [shift.gear for shift in upscaler.pace.shifts] == [0, 1]
    assert upscaler.bundle.name == "bicubic"
    assert upscaler.run(picture, size=(96, 80)).rung == "bicubic"


def test_pictures_that_stand_alone_tell_by_themselves(paced, picture, tiny_folder) -> None:
    upscaler = paced(1000)
    alone = PacedUpscaler(
        1000,
        Upscaler.load("bicubic", threads=1),
        upscaler._better,
        table=known({tiny_folder: (2, 4, 12, 10), "bicubic": (0.5,)}),
        alone=True,
    )
    with alone:
        for _ in range(2):
            alone.run(picture, size=(96, 80))
        assert len(alone.pace.times_ms) == 2


def test_a_budget_of_nothing_is_refused(paced) -> None:
    with pytest.raises(UsageError, match="cannot be kept"):
        paced(0)


def test_a_size_that_a_model_cannot_make_is_refused(paced, picture) -> None:
    upscaler = paced(60_000, ["plain-s-x4"])
    with pytest.raises(UsageError, match="it makes 80x96 of 20x24, not 70x96"):
        upscaler.check((24, 20), size=(96, 70))
    with pytest.raises(UsageError, match="it makes 80x96"):
        upscaler.run(picture, size=(96, 70))


def test_the_work_that_is_told_is_that_of_the_frame(paced, tiny_folder) -> None:
    # An aim of half the work; of equal pixels not one fits without the others.
    upscaler = paced(80 / FIRST, table=known({tiny_folder: (20, 40, 120, 100), "bicubic": (1,)}))
    result = upscaler.run(np.full((24, 20, 3), 0.5, np.float32), size=(96, 80))
    upscaler.observe(80)
    assert upscaler.pace.works == [pytest.approx(result.fractions[0])]
    assert result.fractions[0] < 0.49


def with_patches(folder):
    """Return a copy of a small supernet's bundle, with a table."""
    bundle = load_bundle(shutil.copytree(Path(__file__).parents[2] / "data/tiny-arm-x4", folder))
    table = replace(fake_table(bundle.manifest), costs=(1.0, 0.5, 0.0))
    (folder / FILES["arm"]).write_text(table.to_json(), encoding="utf-8")
    return folder


def test_a_halo_is_for_the_gears_that_have_patches(paced, picture, tmp_path) -> None:
    told = []
    upscaler = paced(60_000, [with_patches(tmp_path / "arm")], CostTable({}, None), told.append)
    upscaler.check((24, 20), size=(96, 80), halo=True)
    seamless = upscaler.run(picture, size=(96, 80), halo=True)
    # Each of three classes is measured as well, and bicubic.
    assert len(told) == len(WORKS) + 3 + 1
    assert seamless.rung == "tiny-arm-x4 100% heavy"
    with Upscaler.load(tmp_path / "arm", threads=1) as alone:
        wanted = alone.run(picture, work=1.0, halo=True).image
    np.testing.assert_array_equal(seamless.image, wanted)
    # Without it the costs are others, which are not known yet.
    assert (upscaler.run(picture, size=(96, 80)).image != wanted).any()
    assert len(told) == 2 * (len(WORKS) + 3) + 1


def test_of_three_classes_prices_are_times(paced, picture, tmp_path) -> None:
    """Frames all of one class tell what its engine takes; the budget goes by that.

    All work is not all heavy: the table leaves patches light that would gain nothing.
    """
    folder = with_patches(tmp_path / "arm")
    bundle, table = load_bundle(folder), known({"bicubic": (1,)})
    engines = {0: ("subnet_0", 60.0), 1: ("subnet_1", 50.0), 2: ("interpolation", 20.0)}

    def cost(ms, *names):
        times = {name: (BatchTime(CELLS, each),) for name, each in names}
        return Cost(CostPoint(CELLS // 2, ms / 2), CostPoint(CELLS, ms), "now", times)

    for number, engine in engines.items():
        table.put(rung_of_class(bundle, 4.0, "fp32", number), cost(engine[1] + 10, engine))
    table.put(rung_at_work(bundle, 4.0, "fp32", 1.0), cost(60.0, ("subnet_0", 45), engines[2]))
    table.put(rung_at_work(bundle, 4.0, "fp32", 0.0), cost(30.0, engines[2]))
    for work in BETWEEN:
        table.put(rung_at_work(bundle, 4.0, "fp32", work), cost(40 + 30 * work))
    upscaler = paced(55, [folder], table)
    upscaler.prepare((24, 20), (96, 80))
    gear = upscaler._gears[0]
    assert gear.prices == pytest.approx((60 / CELLS, 50 / CELLS, 20 / CELLS))
    assert gear.works == pytest.approx((1.0, 0.75, 0.0))
    assert gear.options(0.5) == {"work": 0.5, "prices": gear.prices}
    wanted = gear.upscaler.run(picture, scale=4, work=upscaler.pace.work, prices=gear.prices)
    np.testing.assert_array_equal(upscaler.run(picture, size=(96, 80)).image, wanted.image)


def test_on_a_device_no_prices_are_looked_for(tmp_path) -> None:
    folder, told = with_patches(tmp_path / "arm"), []
    model = Model(load_bundle(folder), "fp32", lambda: device_upscaler(folder))
    box = GearBox(Upscaler.load("bicubic", threads=1), None, told.append)
    try:
        gears, _ = box.gears([model], 4.0, CELLS, 60_000)
    finally:
        box.close()
    assert len(told) == len(WORKS) + 1
    assert (gears[0].prices, gears[0].works) == (None, (1.0, 0.5, 0.0))
    assert gears[0].options(0.5) == {"work": 0.5}


def test_the_fastest_gear_runs_without_the_halo_that_was_asked_for(
    paced, picture, tmp_path
) -> None:
    upscaler = paced(1e-6, [with_patches(tmp_path / "arm")], CostTable({}, None))
    assert upscaler.run(picture, size=(96, 80), halo=True).rung == "bicubic"


def test_a_halo_without_a_gear_that_has_patches_is_refused(paced, picture) -> None:
    with pytest.raises(UsageError, match=r"tiny-pcsr-x4 .* halo makes no sense"):
        paced(60_000).run(picture, size=(96, 80), halo=True)
