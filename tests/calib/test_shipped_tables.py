"""What the tables of the shipped supernets lead to, on a photograph they were not made from."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Tuple

import numpy as np
import pytest
from PIL import Image

import pcsr_edge.cli
from pcsr_edge.runtime.bundle import shipped_bundles
from pcsr_edge.runtime.patch_table import load_table
from pcsr_edge.runtime.quality import psnr
from pcsr_edge.runtime.resample import downscale
from pcsr_edge.runtime.upscaler import Upscaler

PHOTOGRAPH = Path(pcsr_edge.cli.__file__).parent / "assets" / "photo.png"
SCALE = 4
ETAS = (0, 0.25, 0.5, 1, 2, 4, 8, 16, 64)
MODELS = [name for name in shipped_bundles() if name.startswith(("arm", "wbsr"))]


@pytest.fixture(name="curves", scope="module", params=MODELS)
def _curves(request: pytest.FixtureRequest) -> Tuple[Any, Any]:
    """Return (cost, PSNR) of the fixed subnets, cheapest first, and of each eta."""
    with Image.open(PHOTOGRAPH) as image:
        hr = np.asarray(image.convert("RGB"))
    lr = downscale(hr, SCALE)
    with Upscaler.load(request.param, device="cpu", threads=1) as up:
        costs = np.array(load_table(up.bundle).costs)

        def point(**options: Any) -> Tuple[float, float]:
            result = up.run(lr, **options)
            return float(costs @ result.fractions), psnr(result.image, hr, "rgb", SCALE)

        fixed = [point(force_class=number) for number in range(len(costs))][::-1]
        return np.array(fixed), np.array([point(eta=eta) for eta in ETAS])


def test_cost_and_psnr_rise_with_eta(curves: Tuple[Any, Any]) -> None:
    fixed, found = curves
    assert (np.diff(found[:, 0]) >= 0).all()
    # What a table expects and what a photograph gains differ by little.
    assert (np.diff(found[:, 1]) > -0.002).all()
    np.testing.assert_allclose(found[0], fixed[0])
    assert abs(found[-1, 1] - fixed[-1, 1]) < 0.005


def test_every_eta_is_on_or_above_the_line_between_the_subnets(curves: Tuple[Any, Any]) -> None:
    fixed, found = curves
    above = found[:, 1] - np.interp(found[:, 0], fixed[:, 0], fixed[:, 1])
    assert above.min() > -0.002
    assert above.max() > 0.1
