"""What is to hold of the published ARM supernet, with the bundle that is made of it."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, Iterator, List, NamedTuple, Tuple

import numpy as np
import pytest
import torch
from PIL import Image

from pcsr_edge.calib.patch_costs import flops_costs
from pcsr_edge.calib.patch_samples import PatchSamples, load_subnets, sample_patches
from pcsr_edge.calib.patch_tables import ARTICLE, edge_psnr_table
from pcsr_edge.calib.table_file import store_table
from pcsr_edge.export.checkpoint import export_checkpoint
from pcsr_edge.models import Supernet, load_checkpoint
from pcsr_edge.runtime.backends import backend_for
from pcsr_edge.runtime.bundle import load_bundle
from pcsr_edge.runtime.quality import psnr
from pcsr_edge.runtime.resample import crop_to_multiple, downscale
from pcsr_edge.runtime.upscaler import Upscaler

SCALE = 4
ETAS = (0, 0.25, 0.5, 0.75, 1, 1.5, 2, 4, 8, 32, 1000)
SEEN, UNSEEN = "valid/kodak", "test/set14/x4/HR"
"""The table is made from Kodak alone."""


class Published(NamedTuple):
    """The published FSRCNN supernet, as a network and as a bundle with a table."""

    model: Supernet
    up: Upscaler
    samples: PatchSamples


@pytest.fixture(name="published", scope="module")
def _published(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Published]:
    folder = tmp_path_factory.mktemp("published") / "arm"
    checkpoint = load_checkpoint(shared_data / "weights" / "arm" / "arm-fsrcnn.pth")
    export_checkpoint(checkpoint, folder, name="arm", precisions=["fp32"], verify=False)
    bundle = load_bundle(folder)
    with ExitStack() as stack:
        engines = load_subnets(bundle, stack, "cpu")
        kodak = shared_data / "valid" / "kodak"
        samples = sample_patches(bundle, engines, kodak, lambda: None)
        costs = (flops_costs(bundle.manifest), "flops")
        store_table(bundle, edge_psnr_table(bundle.manifest, samples, costs, {}))
        up = stack.enter_context(Upscaler.load(folder, device="cpu"))
        assert isinstance(checkpoint.model, Supernet)
        yield Published(checkpoint.model, up, samples)


def pictures(folder: Path) -> List[Tuple[Any, Any]]:
    """Return HR and LR of pictures in a folder."""
    found = []
    for path in sorted(folder.glob("*.png")):
        with Image.open(path) as image:
            hr = crop_to_multiple(np.asarray(image.convert("RGB")), SCALE)
        found.append((hr, downscale(hr, SCALE)))
    return found


def whole(model: Supernet, lr: Any) -> Any:
    """Run the widest subnet on a whole picture."""
    planes = torch.from_numpy(lr.transpose(2, 0, 1)[None].astype(np.float32) / 255)
    with torch.no_grad():
        sr = model(planes)[0].permute(1, 2, 0).numpy()
    return np.clip(np.rint(sr * 255), 0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("blend", "halo", "least", "most"),
    [("ramp", False, -0.001, 0.02), ("mean", False, 0.02, 0.06), ("ramp", True, -0.001, 0.001)],
)
def test_the_widest_subnet_nears_the_whole_network(
    published: Published, shared_data: Path, blend: str, halo: bool, least: float, most: float
) -> None:
    """Averaged alike, patches lose 0.046 dB on Set5, whose pictures are only a few patches."""
    bundle = published.up.bundle
    blended = replace(bundle, manifest=replace(bundle.manifest, blend=blend))
    with Upscaler(blended, backend_for("cpu")) as up:
        assert least < lost_on_set5(published.model, up, shared_data, halo) < most


def test_carns_widest_subnet_nears_the_whole_network(shared_data: Path, tmp_path: Path) -> None:
    checkpoint = load_checkpoint(shared_data / "weights" / "arm" / "arm-carn.pth")
    folder = tmp_path / "arm"
    export_checkpoint(checkpoint, folder, name="arm", precisions=["fp32"], verify=False)
    assert isinstance(checkpoint.model, Supernet)
    with Upscaler.load(folder, device="cpu") as up:
        assert abs(lost_on_set5(checkpoint.model, up, shared_data)) < 0.02


def lost_on_set5(model: Supernet, up: Upscaler, shared_data: Path, halo: bool = False) -> float:
    """Return the dB (Y) that patches cost the widest subnet."""
    pairs = pictures(shared_data / "test" / "set5" / "x4" / "HR")
    assert len(pairs) == 5
    lost = [
        psnr(whole(model, lr), hr, "y", SCALE)
        - psnr(up.run(lr, force_class=0, halo=halo).image, hr, "y", SCALE)
        for hr, lr in pairs
    ]
    return float(np.mean(lost))


@pytest.fixture(name="curves", scope="module", params=[SEEN, UNSEEN])
def _curves(
    published: Published, shared_data: Path, request: pytest.FixtureRequest
) -> Tuple[Any, Any]:
    """Return (cost, PSNR) of the fixed subnets, cheapest first, and of each eta."""
    pairs = pictures(shared_data / request.param)
    costs = np.array(flops_costs(published.up.bundle.manifest))

    def point(**options: Any) -> Tuple[float, float]:
        results = [published.up.run(lr, **options) for _, lr in pairs]
        quality = [psnr(r.image, hr, "rgb", SCALE) for r, (hr, _) in zip(results, pairs)]
        return float(np.mean([costs @ r.fractions for r in results])), float(np.mean(quality))

    fixed = [point(force_class=number) for number in range(len(costs))][::-1]
    return np.array(fixed), np.array([point(eta=eta) for eta in ETAS])


def test_cost_and_psnr_rise_with_eta(curves: Tuple[Any, Any]) -> None:
    fixed, found = curves
    assert (np.diff(found, axis=0) >= -1e-3).all()
    np.testing.assert_allclose(found[0], fixed[0])
    assert found[-1, 0] > 0.95
    assert abs(found[-1, 1] - fixed[-1, 1]) < 0.01


def test_every_eta_is_on_or_above_the_line_between_the_subnets(curves: Tuple[Any, Any]) -> None:
    fixed, found = curves
    above = found[:, 1] - np.interp(found[:, 0], fixed[:, 0], fixed[:, 1])
    assert (above > -1e-6).all()
    assert above.max() > 0.15


@pytest.mark.parametrize("eta", ETAS)
def test_by_the_articles_rule_patches_are_on_or_above_it(published: Published, eta: float) -> None:
    manifest, samples = published.up.bundle.manifest, published.samples
    costs, decibels = np.array(flops_costs(manifest)), samples.psnr
    table = edge_psnr_table(manifest, samples, (costs, "flops"), {}, rule=ARTICLE)
    categories = table.categories(samples.scores)
    classes = table.choices(eta, np.bincount(categories.ravel(), minlength=len(table.psnr)))
    rows = classes[categories]
    reached = decibels[np.arange(len(rows)), rows].mean()
    line = np.interp(costs[rows].mean(), costs[::-1], decibels.mean(axis=0)[::-1])
    assert reached > line - 1e-6
