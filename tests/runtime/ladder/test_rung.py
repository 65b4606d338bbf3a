"""The rungs of a scale: what comes along and was measured, best first, bicubic last."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, Dict, List

import pytest

from pcsr_edge.errors import UsageError
from pcsr_edge.runtime.bundle import load_bundle, shipped_bundles
from pcsr_edge.runtime.ladder import rungs_for
from pcsr_edge.runtime.ladder.rung import rung_at_work

ARM = Path(__file__).parents[2] / "data" / "tiny-arm-x4"


def names(scale: float = 4, precision: str = "fp32") -> List[str]:
    return [rung.name for rung in rungs_for(scale, precision)]


def test_rungs_are_ordered_by_measured_quality(rate: Any) -> None:
    rate(
        "tiny-pcsr-x4",
        {"k": 0.0, "psnr": 31.0},
        {"k": 0.5, "psnr": 30.0},
        {"force_class": 1, "psnr": 29.0},
    )
    rate("tiny-plain-x4", {"psnr": 30.5})
    assert names() == [
        "tiny-pcsr-x4 k=0",
        "tiny-plain-x4",
        "tiny-pcsr-x4 k=0.5",
        "tiny-pcsr-x4 class 1",
        "bicubic",
    ]


def test_options_are_those_of_run(rate: Any) -> None:
    rate("tiny-pcsr-x4", {"k": 0.5, "psnr": 31.0}, {"force_class": 1, "psnr": 29.0})
    assert [rung.options() for rung in rungs_for(4, "fp32")] == [{"k": 0.5}, {"force_class": 1}, {}]


def test_what_was_not_measured_is_no_rung(shipped: Path) -> None:
    assert names() == ["bicubic"]


UNFIT: Dict[str, Dict[str, Any]] = {
    "other-data": {"data": "Set14", "psnr": 31.0},
    "other-channel": {"channel": "rgb", "psnr": 31.0},
    "other-scale": {"scale": 3, "psnr": 31.0},
    "worse-than-bicubic": {"psnr": 28.0},
}


@pytest.mark.parametrize("entry", UNFIT.values(), ids=UNFIT.keys())
def test_what_does_not_belong_on_the_ladder_is_left_out(rate: Any, entry: Dict[str, Any]) -> None:
    rate("tiny-plain-x4", entry)
    assert names() == ["bicubic"]


def test_a_model_measured_at_another_scale_than_its_own_is_a_rung_there(rate: Any) -> None:
    rate("tiny-pcsr-x4", {"scale": 3, "k": 0.0, "psnr": 31.0})
    assert names(3) == ["tiny-pcsr-x4 k=0", "bicubic"]


@pytest.mark.parametrize("scale", [1, 2.5, 7])
def test_a_scale_without_models_has_bicubic(shipped: Path, scale: float) -> None:
    (rung,) = rungs_for(scale, "fp32")
    assert (rung.model, rung.psnr, rung.scale) == ("bicubic", None, scale)


def test_a_bundle_without_the_precision_is_left_out(shipped: Path, rate: Any) -> None:
    rate("tiny-plain-x4", {"psnr": 31.0})
    rate("tiny-pcsr-x4", {"k": 0.0, "psnr": 30.0})
    path = shipped / "tiny-plain-x4" / "bundle.json"
    manifest = json.loads(path.read_text())
    del manifest["precisions"]["fp16"]
    path.write_text(json.dumps(manifest))
    assert names(precision="fp16") == ["tiny-pcsr-x4 k=0", "bicubic"]


def test_a_precision_that_no_bundle_of_the_scale_has_is_refused(rate: Any) -> None:
    rate("tiny-pcsr-x4", {"k": 0.0, "psnr": 31.0})
    with pytest.raises(UsageError, match=r"no model .* has int8 graphs for scale 4, so"):
        rungs_for(4, "int8")


def test_int8_can_be_chosen_among_where_it_ships() -> None:
    models = [rung.model for rung in rungs_for(4, "int8")]
    assert models == ["plain-l-x4", "plain-m-x4", "plain-s-x4", "bicubic"]
    with pytest.raises(UsageError, match="for scale 2"):
        rungs_for(2, "int8")


def test_bicubic_knows_one_precision(shipped: Path) -> None:
    assert rungs_for(4, "fp16")[-1].precision == "fp32"


def test_identities_tell_all_apart_that_costs_differently(rate: Any) -> None:
    rate(
        "tiny-pcsr-x4",
        *({"k": 0.0, "scale": scale, "psnr": 40.0} for scale in (2, 4)),
        {"k": 1.0, "psnr": 30.0},
        {"force_class": 1, "psnr": 30.0},
    )
    found = [*rungs_for(2, "fp32"), *rungs_for(4, "fp32"), *rungs_for(4, "fp16")]
    identities = {rung.identity for rung in found}
    # Bicubic is the same in both precisions.
    assert len(identities) == len(found) - 1


def test_another_table_is_another_cost_of_an_eta_and_of_a_share_of_work(
    shipped: Path, rate: Any
) -> None:
    shutil.copytree(ARM, shipped / ARM.name)
    rate(ARM.name, {"eta": 2.0, "psnr": 31.0}, {"force_class": 0, "psnr": 30.0})

    def identities() -> List[str]:
        half = rung_at_work(load_bundle(ARM.name), 4, "fp32", 0.5)
        return [rung.identity for rung in (half, *rungs_for(4, "fp32"))]

    before = identities()
    (shipped / ARM.name / "edge_psnr.json").write_text("another")
    assert [a == b for a, b in zip(identities(), before)] == [False, False, True, True]


def test_a_halo_is_another_cost() -> None:
    bundle = load_bundle("arm-fsrcnn-x4")
    without, halo = (rung_at_work(bundle, 4, "fp32", 0.5, halo) for halo in (False, True))
    assert without.identity != halo.identity
    assert (without.options(), halo.options()) == ({"work": 0.5}, {"work": 0.5, "halo": True})


def test_another_quality_is_no_other_cost(rate: Any) -> None:
    rate("tiny-plain-x4", {"psnr": 30.0})
    before = rungs_for(4, "fp32")[0].identity
    rate("tiny-plain-x4", {"psnr": 31.0})
    assert rungs_for(4, "fp32")[0].identity == before


@pytest.mark.parametrize("scale", [2, 4])
def test_every_model_that_comes_along_is_on_a_ladder(scale: int) -> None:
    on_it = {rung.model for rung in rungs_for(scale, "fp32")}
    for name in shipped_bundles():
        assert name in on_it or load_bundle(name).manifest.scale != scale
