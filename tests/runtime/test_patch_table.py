"""The table of a supernet: what it chooses, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Callable, List

import numpy as np
import pytest
from support.fake_supernet import FakeSupernet

from pcsr_edge.errors import BundleError
from pcsr_edge.runtime.bundle import Bundle
from pcsr_edge.runtime.patch_table import FILES, CurvePoint, PatchTable, load_table


@pytest.fixture(name="bundle")
def _bundle(tmp_path: Path) -> Bundle:
    return FakeSupernet().bundle(tmp_path / "a")


COUNTS = np.array([1, 1, 1, 1])


def table(bundle: Bundle) -> PatchTable:
    return load_table(bundle)


def with_errors(found: PatchTable) -> PatchTable:
    """Add errors that halve from class to class, and are greater the harder a category is."""
    errors = [(25.0 * c, 50.0 * c, 100.0 * c) for c in range(4)]
    return replace(found, errors=tuple(errors), costs=(1.0, 0.25, 0.0))


def test_scores_fall_into_equal_intervals_and_the_last_ones_beyond_them(bundle: Bundle) -> None:
    scores = np.array([[-5.0], [0.0], [39.9], [40.0], [159.0], [160.0], [999.0]])
    assert table(bundle).categories(scores).tolist() == [0, 0, 0, 1, 3, 3, 3]


def test_a_table_of_flat_patches_alone_has_one_difficulty(bundle: Bundle) -> None:
    flat = replace(table(bundle), low=7.0, high=7.0)
    assert flat.categories(np.array([[0.0], [9.0]])).tolist() == [0, 0]


def chosen(found: PatchTable, eta: float) -> List[int]:
    classes: List[int] = found.choices(eta, COUNTS).tolist()
    return classes


def test_arm_takes_the_greatest_gain_less_cost(bundle: Bundle) -> None:
    # By category, subnet 0 gains 0.3c over interpolation, subnet 1 gains 0.2c for a quarter.
    assert chosen(table(bundle), 0) == [2, 2, 2, 2]
    assert chosen(table(bundle), 1) == [2, 2, 1, 1]
    assert chosen(table(bundle), 3) == [2, 1, 1, 0]
    assert chosen(table(bundle), 1e12) == [2, 0, 0, 0]


def test_wbsr_takes_the_cheapest_within_a_loss(bundle: Bundle) -> None:
    wbsr = replace(table(bundle), method="wbsr")
    assert chosen(wbsr, 0) == [2, 2, 2, 2]
    assert chosen(wbsr, 1 / 0.35) == [2, 2, 1, 1]
    assert chosen(wbsr, 1 / 0.15) == [2, 1, 0, 0]


@pytest.mark.parametrize("method", ["arm", "wbsr"])
def test_errors_are_weighed_over_the_frame(bundle: Bundle, method: str) -> None:
    found = replace(with_errors(table(bundle)), method=method)
    # Each class halves the error: 3 dB, which costs less of a frame that is mostly without.
    assert found.choices(0.1, np.array([1, 0, 0, 0])).tolist() == [2, 2, 2, 2]
    assert found.choices(0.1, np.array([0, 0, 0, 1])).tolist()[3] == 1
    assert found.choices(0.01, np.array([0, 0, 0, 1])).tolist()[3] == 2
    assert found.choices(0.01, np.array([99, 0, 0, 1])).tolist()[3] == 0


@pytest.mark.parametrize("method", ["arm", "wbsr"])
def test_cost_and_psnr_rise_with_eta(bundle: Bundle, method: str) -> None:
    rising = replace(table(bundle), method=method)
    costs, psnr = np.array(rising.costs), np.array(rising.psnr)
    found = [rising.choices(eta, COUNTS) for eta in np.geomspace(0.1, 1e3, 50)]
    assert (np.diff([costs[c].sum() for c in found]) >= 0).all()
    assert (np.diff([psnr[np.arange(4), c].sum() for c in found]) >= 0).all()


@pytest.mark.parametrize("share", [0.0, 0.1, 0.3, 0.6, 1.0])
def test_a_share_of_work_is_kept_and_used(bundle: Bundle, share: float) -> None:
    counts = np.array([10, 10, 10, 10])
    found = table(bundle).choices_for_work(counts, share)
    costs = np.array(table(bundle).costs)
    assert share - 0.25 <= costs[found].mean() <= max(share, 0)
    heavier = table(bundle).choices_for_work(counts, min(1, share + 0.3))
    assert costs[heavier].sum() >= costs[found].sum()


def test_prices_take_the_place_of_costs(bundle: Bundle) -> None:
    # Subnet 1 costs a quarter by FLOPs; as dear as subnet 0, it is never worth its price.
    counts = np.array([10, 10, 10, 10])
    by_flops, by_time = (
        found.choices_for_work(counts, 0.5)
        for found in (table(bundle), table(bundle).priced((30.0, 29.0, 10.0)))
    )
    assert 1 in by_flops
    assert set(by_time) == {0, 2}
    assert table(bundle).priced((30.0, 20.0, 10.0)).costs == (1.0, 0.5, 0.0)


def test_a_table_with_prices_is_made_once(bundle: Bundle) -> None:
    found = table(bundle)
    assert found.priced((3.0, 2.0, 0.0)) is found.priced((3.0, 2.0, 0.0))
    assert found.priced((3.0, 1.5, 0.0)).costs == (1.0, 0.5, 0.0)


@pytest.mark.parametrize("errors", [False, True])
def test_what_is_stored_is_read_back(bundle: Bundle, errors: bool) -> None:
    found = table(bundle)
    if errors:
        found = replace(with_errors(found), curve=(CurvePoint(2.0, 5, 27.5, 0.25),))
    found.choices(1.0, COUNTS)
    (bundle.folder / FILES["arm"]).write_text(found.to_json(), encoding="utf-8")
    assert load_table(bundle) == found


def damage(change: Callable[[Any], Any]) -> Callable[[Path], None]:
    """Return what changes the data of a table's file."""

    def apply(path: Path) -> None:
        data = json.loads(path.read_text(encoding="utf-8"))
        path.write_text(json.dumps(change(data)), encoding="utf-8")

    return apply


DAMAGE = {
    "missing": (lambda path: path.unlink(), "has no edge_psnr.json"),
    "no-json": (lambda path: path.write_text("{"), "no valid table"),
    "list": (damage(lambda d: [d]), "no valid table"),
    "binary": (lambda path: path.write_bytes(b"\xff\xfe"), "cannot be read"),
    "version": (damage(lambda d: {**d, "schema_version": 2}), "schema version 1"),
    "field": (damage(lambda d: {**d, "more": 2}), "no valid table"),
    "lacking": (damage(lambda d: {k: v for k, v in d.items() if k != "low"}), "low"),
    "nan": (damage(lambda d: {**d, "costs": [float("nan"), 0, 0]}), "finite"),
    "huge": (damage(lambda d: {**d, "psnr": [[1e308, 0, 0]] * len(d["psnr"])}), "at most"),
    "text": (damage(lambda d: {**d, "low": "a"}), "no valid table"),
    "endless-count": (
        damage(lambda d: {**d, "counts": [float("inf")] * len(d["psnr"])}),
        "no valid table",
    ),
    "deep": (lambda path: path.write_text("[" * 10**5), "no valid table"),
    "range": (damage(lambda d: {**d, "low": 5, "high": 4}), "no range"),
    "counts": (damage(lambda d: {**d, "counts": [1]}), "length"),
    "direction": (damage(lambda d: {**d, "direction": [1, 2]}), "direction"),
    "costs": (damage(lambda d: {**d, "costs": [-1, 0, 0]}), "shares"),
    "errors": (damage(lambda d: {**d, "errors": [[1, 2, 3]]}), "squared errors"),
    "below-0": (damage(lambda d: {**d, "errors": [[-1, 2, 3]] * 4}), "squared errors"),
    "error-classes": (damage(lambda d: {**d, "errors": [[1, 2]] * 4}), "not for 3 classes"),
    "curve": (damage(lambda d: {**d, "curve": [{"k": 1}]}), "no valid table"),
    "curve-text": (
        damage(lambda d: {**d, "curve": [{"eta": 1, "categories": "a", "psnr": 1, "cost": 1}]}),
        "no valid table",
    ),
    "version-true": (damage(lambda d: {**d, "schema_version": True}), "no valid table"),
    "source": (damage(lambda d: {**d, "source": 3}), "source: expected an object"),
    "identity": (damage(lambda d: {**d, "identity": 3}), "identity: expected a text"),
    "costs-of": (damage(lambda d: {**d, "costs_of": "money"}), "one of flops, time"),
    "number-text": (damage(lambda d: {**d, "psnr": [["1", 2, 3]] * 4}), "expected a number"),
    "number-true": (damage(lambda d: {**d, "costs": [True, 0.5, 0]}), "expected a number"),
    "numbers-text": (damage(lambda d: {**d, "direction": "1"}), "expected a list"),
    "below-0-patches": (damage(lambda d: {**d, "counts": [1, 1, 1, -1]}), "whole number from 0"),
    "half-patches": (damage(lambda d: {**d, "counts": [1, 1, 1, 0.5]}), "whole number from 0"),
    "free": (damage(lambda d: {**d, "costs": [0, 0, 0]}), "shares"),
    "equal-costs": (damage(lambda d: {**d, "costs": [1, 1, 1]}), "shares"),
    "no-shares": (damage(lambda d: {**d, "costs": [40, 10, 0]}), "widest subnet's, which is 1"),
    "half-category": (
        damage(lambda d: {**d, "curve": [{"eta": 1, "categories": 2.5, "psnr": 1, "cost": 1}]}),
        "whole number from 0",
    ),
    "classes": (damage(lambda d: {**d, "costs": [1, 0]}), "not for 3 classes"),
    "other-bundle": (damage(lambda d: {**d, "identity": "beef"}), "made for another bundle"),
    "other-method": (
        damage(lambda d: {**d, "method": "wbsr", "direction": [1, 0]}),
        "made for another bundle",
    ),
}


@pytest.mark.parametrize(("change", "message"), DAMAGE.values(), ids=DAMAGE.keys())
def test_a_table_that_does_not_fit_is_refused(bundle: Bundle, change: Any, message: str) -> None:
    change(bundle.folder / FILES["arm"])
    with pytest.raises(BundleError, match=message) as caught:
        load_table(bundle)
    assert f"pcsr-edge calibrate edge-psnr {bundle.folder} --images" in str(caught.value)
