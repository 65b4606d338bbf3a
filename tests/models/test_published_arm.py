"""The published ARM supernets: names, corners, the deconvolution, and their cost list."""

from __future__ import annotations

from pathlib import Path
from typing import Dict

import pytest
import torch
from torch.nn import functional as F

from pcsr_edge.errors import CheckpointError
from pcsr_edge.export.flops import count_flops
from pcsr_edge.models import ArmConfig, Supernet, load_checkpoint
from pcsr_edge.models.files import write_torch_file

D, S = 8, 3
Weights = Dict[str, torch.Tensor]
PUBLISHED_COSTS = (467_877_892, 304_570_372, 141_262_852)
"""Printed by the authors' code for the three FSRCNN subnets (ckpt/test_log of ARM-Net)."""


def published_fsrcnn(d: int = D, s: int = S, m: int = 2) -> Weights:
    """Draw weights under the authors' names."""
    shapes = {
        "head_conv.0.weight": (d, 3, 5, 5),
        "head_conv.0.bias": (d,),
        "head_conv.1.weight": (1,),
        "body_conv.0.0.weight": (s, d, 1, 1),
        "body_conv.0.0.bias": (s,),
        "body_conv.0.1.weight": (1,),
        f"body_conv.{m + 1}.weight": (1,),
        f"body_conv.{m + 2}.0.weight": (d, s, 1, 1),
        f"body_conv.{m + 2}.0.bias": (d,),
        f"body_conv.{m + 2}.1.weight": (1,),
        "tail_conv.weight": (d, 3, 9, 9),
        "tail_conv.bias": (3,),
    }
    for layer in range(1, m + 1):
        shapes[f"body_conv.{layer}.weight"] = (s, s, 3, 3)
        shapes[f"body_conv.{layer}.bias"] = (s,)
    generator = torch.Generator().manual_seed(0)
    return {k: torch.randn(shape, generator=generator) for k, shape in shapes.items()}


def authors_fsrcnn(w: Weights, x: torch.Tensor, width: int, m: int = 2) -> torch.Tensor:
    """Compute a subnet as the authors' code does."""
    y = F.conv2d(x, w["head_conv.0.weight"][:width], w["head_conv.0.bias"][:width], padding=2)
    y = F.prelu(y, w["head_conv.1.weight"])
    y = F.conv2d(y, w["body_conv.0.0.weight"][:, :width], w["body_conv.0.0.bias"])
    y = F.prelu(y, w["body_conv.0.1.weight"])
    for layer in range(1, m + 1):
        name = f"body_conv.{layer}"
        y = F.conv2d(y, w[f"{name}.weight"], w[f"{name}.bias"], padding=1)
    y = F.prelu(y, w[f"body_conv.{m + 1}.weight"])
    last = f"body_conv.{m + 2}"
    y = F.conv2d(y, w[f"{last}.0.weight"][:width], w[f"{last}.0.bias"][:width])
    y = F.prelu(y, w[f"{last}.1.weight"])
    return F.conv_transpose2d(
        y, w["tail_conv.weight"][:width], w["tail_conv.bias"], 4, padding=3, output_padding=1
    )


def saved(path: Path, content: Weights) -> Supernet:
    """Write weights to a file and load it."""
    write_torch_file(path, content)
    model = load_checkpoint(path).model
    assert isinstance(model, Supernet)
    return model


@pytest.mark.parametrize("width", [56, 36, 16])
def test_fsrcnn_computes_what_the_authors_code_does(tmp_path: Path, width: int) -> None:
    weights = published_fsrcnn(d=56)
    model = saved(tmp_path / "a.pth", weights)
    x = torch.rand(1, 3, 7, 6)
    expected = authors_fsrcnn(weights, x, width)
    with torch.no_grad():
        got = model(x, model.config.widths.index(width))
    torch.testing.assert_close(got, expected, rtol=1e-4, atol=1e-4 * float(expected.abs().max()))


def test_what_is_no_supernet_is_refused(tmp_path: Path) -> None:
    weights = published_fsrcnn(d=56)
    del weights["body_conv.2.bias"]
    with pytest.raises(CheckpointError, match=r"published supernet .*a\.pth"):
        saved(tmp_path / "a.pth", weights)


def test_the_source_is_told(tmp_path: Path) -> None:
    write_torch_file(tmp_path / "a.pth", published_fsrcnn(d=56))
    provenance = load_checkpoint(tmp_path / "a.pth").provenance
    assert provenance == {"source": "published ARM supernet a.pth"}


@pytest.mark.parametrize("index", [0, 1, 2])
def test_flops_agree_with_the_articles_cost_list(index: int) -> None:
    """The authors' tool counts a transposed convolution at every SR pixel, a PReLU as 1."""
    config = ArmConfig(4, "fsrcnn", (56, 36, 16), {"s": 12, "m": 4})
    width, cells = config.widths[index], 32 * 32
    features = Supernet(config).subnet(index).features.eval()
    flops = count_flops(features, torch.zeros(1, 3, 32, 32))
    slopes = 2 * width + 2 * 12
    tail = 2 * 9 * 9 * width * 3 * 16 * cells
    assert flops - slopes * cells + tail + 4 == PUBLISHED_COSTS[index]


@pytest.mark.parametrize(
    ("name", "widths"), [("arm-fsrcnn", (56, 36, 16)), ("arm-carn", (64, 52, 36))]
)
def test_the_published_files_load(shared_data: Path, name: str, widths: object) -> None:
    model = load_checkpoint(shared_data / "weights" / "arm" / f"{name}.pth").model
    assert isinstance(model, Supernet)
    assert model.config.widths == widths
    # A flat picture stays what it is, but for the edges: nothing was mixed up.
    flat = torch.full((1, 3, 40, 40), 0.5)
    with torch.no_grad():
        for result in model.results(flat):
            assert (result[..., 78:82, 78:82] - 0.5).abs().max() < 0.02
