"""Validation: the same pictures as the plain network, and their PSNR."""

from __future__ import annotations

from typing import Any, Dict

import numpy as np
import pytest
import torch

from pcsr_edge.models import PCSR, PCSRConfig
from pcsr_edge.models.geometry import query_inputs
from pcsr_edge.runtime.quality import psnr
from pcsr_edge.train import ImagePair
from pcsr_edge.train.validation import predict, validation_psnr

WIDTHS = ((6, 5), (4,), (3,))
SCALE = 2


def make(classes: int, backbone: str = "fsrcnn") -> PCSR:
    """Build a small network for evaluation."""
    torch.manual_seed(0)
    arguments: Dict[str, Any] = {"fsrcnn": {"d": 5, "s": 3, "m": 1}, "carn": {"nf": 4}}
    config = PCSRConfig(backbone, arguments[backbone], WIDTHS[:classes], (), (0.4, 0.5, 0.6), 2.0)
    model = PCSR(config).eval()
    if model.classifier is not None:
        with torch.no_grad():
            # Every class is the most probable one in some phase: logits 0, 10 rel_x, 20 rel_y.
            model.classifier.first.bias.zero_()
            model.classifier.first.weight[:, -4:] = 0
            model.classifier.first.weight[1, -3] = 10
            model.classifier.first.weight[2:, -4] = 20
    return model


def pair() -> ImagePair:
    """Draw an LR image and a truth."""
    rng = np.random.default_rng(0)
    lr = rng.integers(0, 256, (6, 7, 3), dtype=np.uint8)
    return ImagePair(lr.repeat(SCALE, 0).repeat(SCALE, 1), lr)


@pytest.mark.parametrize("scale", [2, 3])
@pytest.mark.parametrize(("classes", "stage"), [(1, 0), (2, 0), (2, 1), (3, 1), (3, 2)], ids=str)
@torch.no_grad()
def test_each_query_takes_its_most_probable_trained_class(
    classes: int, stage: int, scale: int
) -> None:
    model = make(classes)
    lr = torch.rand(2, 3, 4, 5)
    size = (4 * scale, 5 * scale)
    logits = model.logits(query_inputs(model.backbone(model.normalise(lr)), size))
    class_map = logits[..., : stage + 1].argmax(-1).reshape(2, *size)
    assert stage == 0 or len(class_map.unique()) == stage + 1
    torch.testing.assert_close(predict(model, lr, scale, stage), model(lr, size, class_map))


def test_psnr_is_the_mean_over_the_images() -> None:
    model, one = make(2), pair()
    other = ImagePair(255 - one.hr, one.lr)
    with torch.no_grad():
        lr = torch.from_numpy(one.lr.copy()).permute(2, 0, 1)[None].float() / 255
        sr = predict(model, lr, SCALE, 1)[0].permute(1, 2, 0).numpy()
    image = np.clip(np.round(255 * sr), 0, 255).astype(np.uint8)
    expected = [psnr(image, truth, "y", SCALE) for truth in (one.hr, other.hr)]
    assert validation_psnr(model, [one, other], SCALE, 1) == pytest.approx(np.mean(expected))


@pytest.mark.parametrize("training", [True, False])
def test_the_network_is_left_as_it_was(training: bool) -> None:
    model = make(2, "carn").train(training)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    validation_psnr(model, [pair()], SCALE, 1)
    assert {module.training for module in model.modules()} == {training}
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
