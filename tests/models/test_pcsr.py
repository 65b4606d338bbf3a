"""PCSR: its description, and the plain evaluation that everything is held against."""

from __future__ import annotations

from typing import Any, Dict, Tuple

import pytest
import torch
from torch.nn import functional as F

from pcsr_edge.models import BACKBONES, PCSR, PCSRConfig

ARGUMENTS: Dict[str, Dict[str, Any]] = {
    "fsrcnn": {"d": 6, "s": 4, "m": 2},
    "carn": {"nf": 8, "groups": 2},
    "srresnet": {"nf": 4, "blocks": 1},
}
WIDTHS = ((8, 8), (5,), (), (4,))


def make(backbone: str = "fsrcnn", classes: int = 2, **more: Any) -> PCSR:
    """Build a small network for evaluation."""
    torch.manual_seed(0)
    config = PCSRConfig(backbone, ARGUMENTS[backbone], WIDTHS[:classes], (4,), **more)
    return PCSR(config).eval()


@torch.no_grad()
def by_definition(model: PCSR, lr: torch.Tensor, y: int, x: int, size: Tuple[int, int]) -> Any:
    """Evaluate one query of a single image: probabilities (M,), residuals (M, 3)."""
    h, w = lr.shape[2:]
    features = model.backbone(model.normalise(lr))[0]
    at_y, at_x = (2 * y + 1) / size[0] - 1, (2 * x + 1) / size[1] - 1
    centre_y = [(2 * i + 1) / h - 1 for i in range(h)]
    centre_x = [(2 * i + 1) / w - 1 for i in range(w)]
    cy = min(range(h), key=lambda i: abs(at_y - centre_y[i]))
    cx = min(range(w), key=lambda i: abs(at_x - centre_x[i]))
    rel = [(at_y - centre_y[cy]) * h, (at_x - centre_x[cx]) * w]
    query = torch.cat([features[:, cy, cx], torch.tensor([*rel, 2 / size[0] * h, 2 / size[1] * w])])
    residuals = torch.stack([upsampler(query) for upsampler in model.upsamplers])
    return torch.softmax(model.logits(query), 0), residuals


@pytest.mark.parametrize("backbone", BACKBONES.names())
@pytest.mark.parametrize("classes", [1, 2, 3, 4])
def test_any_number_of_classes_with_every_backbone(backbone: str, classes: int) -> None:
    model = make(backbone, classes)
    with torch.no_grad():
        sr = model(torch.rand(2, 3, 4, 5), (10, 11))
    assert model.classes == classes
    assert sr.shape == (2, 3, 10, 11)


@pytest.mark.parametrize("size", [(12, 15), (9, 11)], ids=["integer", "free"])
def test_a_class_map_gives_each_query_its_upsampler(size: Tuple[int, int]) -> None:
    model = make(classes=3, mean=(0.4, 0.5, 0.6), std=2.0)
    lr = torch.rand(1, 3, 4, 5)
    class_map = torch.randint(3, (1, *size))
    with torch.no_grad():
        sr = model(lr, size, class_map)[0]
    base = F.interpolate(lr, size, mode="bilinear", align_corners=False)[0]
    for y, x in [(0, 0), (3, 7), (size[0] - 1, size[1] - 1)]:
        _, residuals = by_definition(model, lr, y, x, size)
        expected = base[:, y, x] + 2 * residuals[class_map[0, y, x]]
        torch.testing.assert_close(sr[:, y, x], expected)


def test_without_a_class_map_the_upsamplers_are_blended() -> None:
    model = make(classes=3)
    lr, size = torch.rand(1, 3, 4, 5), (8, 10)
    with torch.no_grad():
        sr = model(lr, size)[0]
    base = F.interpolate(lr, size, mode="bilinear", align_corners=False)[0]
    for y, x in [(0, 9), (3, 4), (7, 0)]:
        p, residuals = by_definition(model, lr, y, x, size)
        torch.testing.assert_close(sr[:, y, x], base[:, y, x] + p @ residuals)


def test_one_class_needs_no_classifier() -> None:
    model = make(classes=1)
    lr = torch.rand(1, 3, 3, 3)
    with torch.no_grad():
        blended, chosen = model(lr, (6, 6)), model(lr, (6, 6), torch.zeros(1, 6, 6))
    assert model.classifier is None
    torch.testing.assert_close(blended, chosen)


def test_normalisation_and_its_inverse() -> None:
    model = make(mean=(0.1, 0.2, 0.3), std=0.5)
    image = torch.full((1, 3, 1, 1), 0.6)
    assert model.normalise(image).flatten().tolist() == pytest.approx([1.0, 0.8, 0.6])
    torch.testing.assert_close(model.denormalise(model.normalise(image)), image)


def test_the_mean_is_no_weight() -> None:
    assert "mean" not in make().state_dict()
