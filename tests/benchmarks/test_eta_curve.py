"""The curve over eta: what a setting costs and gives, and its place above the fixed subnets."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict

import numpy as np
import pytest
from support.fake_supernet import FakeSupernet
from support.picture_files import noise
from support.tree import ROOT

from pcsr_edge.runtime.quality import psnr
from pcsr_edge.runtime.upscaler import Upscaler


@pytest.fixture(name="eta_curve")
def _eta_curve(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(ROOT))
    from benchmarks import eta_curve

    return eta_curve


@pytest.mark.parametrize(
    ("cost", "line"),
    [(0.0, 26.0), (0.25, 26.5), (0.5, 27.0), (0.75, 27.1), (1.0, 27.2)],
)
def test_the_line_goes_through_the_fixed_subnets(eta_curve: Any, cost: float, line: float) -> None:
    # Widest first, as the classes are numbered.
    fixed = [eta_curve.Point(1.0, 27.2), eta_curve.Point(0.5, 27.0), eta_curve.Point(0.0, 26.0)]
    assert eta_curve.above(eta_curve.Point(cost, line), fixed) == pytest.approx(0)
    assert eta_curve.above(eta_curve.Point(cost, line + 0.3), fixed) == pytest.approx(0.3)
    assert eta_curve.above(eta_curve.Point(cost, line - 0.3), fixed) == pytest.approx(-0.3)


@pytest.mark.parametrize(("index", "cost"), [(0, 1.0), (1, 0.25), (2, 0.0)])
def test_a_fixed_subnet_costs_what_the_table_says(
    eta_curve: Any, tmp_path: Path, index: int, cost: float
) -> None:
    model = FakeSupernet()
    lr, hr = noise(9, 11, 3), noise(18, 22, 3)
    options: Dict[str, Any] = {"force_class": index}
    with Upscaler(model.bundle(tmp_path), model.backend(), threads=1) as up:
        found = eta_curve.reached(up, [(hr, lr)], options)
        decibels = psnr(up.run(lr, **options).image, hr, "rgb", shave=model.scale)
    assert found == pytest.approx((cost, decibels))


def test_pictures_count_alike_whatever_their_size(eta_curve: Any, tmp_path: Path) -> None:
    model = FakeSupernet()
    sizes = ((6, 6), (14, 18))
    pairs = [(noise(2 * h, 2 * w, 3), np.full((h, w, 3), 10 * h, np.uint8)) for h, w in sizes]
    with Upscaler(model.bundle(tmp_path), model.backend(), threads=1) as up:
        alone = [eta_curve.reached(up, [pair], {"force_class": 1}).psnr for pair in pairs]
        both = eta_curve.reached(up, pairs, {"force_class": 1}).psnr
    assert alone[0] != pytest.approx(alone[1])
    assert both == pytest.approx(sum(alone) / 2)
