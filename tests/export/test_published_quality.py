"""The published networks, converted by our exporter and run by our runtime, keep their quality."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

import numpy as np
import pytest
from PIL import Image

from pcsr_edge.export.checkpoint import export_checkpoint
from pcsr_edge.models import load_checkpoint
from pcsr_edge.runtime.quality import psnr
from pcsr_edge.runtime.resample import crop_to_multiple, downscale
from pcsr_edge.runtime.upscaler import Upscaler

REFERENCE: Dict[Tuple[str, str, float], Tuple[float, float]] = {
    ("fsrcnn", "set5", 0): (30.90, 28.88),
    ("fsrcnn", "set5", 1): (30.39, 28.43),
    ("carn", "set5", 0): (31.82, 29.88),
    ("carn", "set5", 1): (31.76, 29.82),
    ("fsrcnn", "set14", 0): (27.82, 26.00),
    ("carn", "set14", 0): (28.35, 26.55),
}
"""PSNR in dB on Y and on RGB, x4, k as given."""
HEAVY: Dict[Tuple[str, float], float] = {
    ("fsrcnn", 0): 0.518,
    ("fsrcnn", 1): 0.079,
    ("carn", 0): 0.443,
    ("carn", 1): 0.239,
}
"""Mean share of heavy pixels on Set5."""


@pytest.fixture(name="upscalers", scope="module")
def _upscalers(
    shared_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Dict[str, Upscaler]]:
    found = {}
    for name in ("fsrcnn", "carn"):
        checkpoint = load_checkpoint(shared_data / "weights" / "pcsr" / f"{name}-pcsr-x4.pth")
        folder = tmp_path_factory.mktemp("bundles") / name
        export_checkpoint(
            checkpoint, folder, name=name, scale=4, precisions=("fp32",), verify=False
        )
        found[name] = Upscaler.load(folder)
    yield found
    for up in found.values():
        up.close()


def pictures(folder: Path) -> List[Tuple[Any, Any]]:
    """HR and LR of every picture."""
    found = []
    for path in sorted(folder.glob("*.png")):
        with Image.open(path) as image:
            hr = crop_to_multiple(np.asarray(image.convert("RGB")), 4)
        found.append((hr, downscale(hr, 4)))
    return found


@pytest.mark.parametrize(("case", "expected"), REFERENCE.items(), ids=str)
def test_psnr_is_the_published_one(
    shared_data: Path, upscalers: Dict[str, Upscaler], case: Any, expected: Any
) -> None:
    name, data, k = case
    values = []
    for hr, lr in pictures(shared_data / "test" / data / "x4" / "HR"):
        sr = upscalers[name].run(lr, k=k).image
        values.append((psnr(sr, hr, "y", 4), psnr(sr, hr, "rgb", 4)))
    np.testing.assert_allclose(np.mean(values, axis=0), expected, atol=0.02)


@pytest.mark.parametrize(("case", "expected"), HEAVY.items(), ids=str)
def test_class_fractions_are_the_published_ones(
    shared_data: Path, upscalers: Dict[str, Upscaler], case: Any, expected: float
) -> None:
    name, k = case
    found = pictures(shared_data / "test" / "set5" / "x4" / "HR")
    shares = [upscalers[name].run(lr, k=k).fractions[0] for _, lr in found]
    assert np.mean(shares) == pytest.approx(expected, abs=0.001)
