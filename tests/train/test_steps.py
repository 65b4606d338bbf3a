"""The steps of a training, replayed by hand: data, losses, weights of the losses, Adam, cosine."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, Callable, Dict, List, Tuple

import numpy as np
import pytest
import torch
from torch import nn

from pcsr_edge.models import PCSR, load_checkpoint
from pcsr_edge.models.geometry import query_inputs
from pcsr_edge.train import Recipe, Trainer, load_pairs, recipe_from_dict
from pcsr_edge.train.data import ImagePair

SEED, SCALE, BATCH, PATCH, QUERIES = 5, 2, 2, 8, 2
STEPS, RATE, RATE_END = 3, 0.01, 0.002
BETAS = (0.8, 0.95)
W_RECON, W_AVERAGE = 3.0, 1.5
FIELDS: Dict[str, Any] = {
    "phases": [{"steps": STEPS, "lr": RATE, "lr_end": RATE_END}] * 2,
    "seed": SEED,
    "batch": BATCH,
    "patch": PATCH,
    "queries_per_cell": QUERIES,
    "betas": list(BETAS),
    "loss_recon": W_RECON,
    "loss_average": W_AVERAGE,
}
Weights = Dict[str, torch.Tensor]


def patches(pairs: List[ImagePair], stage: int, step: int) -> Tuple[torch.Tensor, torch.Tensor]:
    """Draw a batch as `PatchSampler` says it does, in other words."""
    rng = np.random.default_rng([SEED, stage, step])
    areas = np.array([pair.lr[..., 0].size for pair in pairs], dtype=float)
    lr, hr = [], []
    for index in rng.choice(len(pairs), size=BATCH, p=areas / areas.sum()):
        pair = pairs[index]
        top, left = (int(rng.integers(side - PATCH + 1)) for side in pair.lr.shape[:2])
        flips = rng.integers(2, size=3)
        for image, factor, out in ((pair.lr, 1, lr), (pair.hr, SCALE, hr)):
            rows = slice(top * factor, (top + PATCH) * factor)
            cols = slice(left * factor, (left + PATCH) * factor)
            planes = torch.from_numpy(image[rows, cols].copy()).permute(2, 0, 1) / 255
            planes = planes.flip(1) if flips[0] else planes
            planes = planes.flip(2) if flips[1] else planes
            out.append(planes.transpose(1, 2) if flips[2] else planes)
    return torch.stack(lr), torch.stack(hr)


def chosen(stage: int, step: int) -> torch.Tensor:
    """Tell which queries count: bool (BATCH, H, W)."""
    generator = torch.Generator().manual_seed((SEED * 8 + stage) * 10**9 + step)
    order = torch.rand(BATCH, SCALE**2, generator=generator).argsort(dim=1)
    mask = torch.zeros(BATCH, PATCH * SCALE, PATCH * SCALE, dtype=torch.bool)
    for patch in range(BATCH):
        for phase in order[patch, :QUERIES].tolist():
            mask[patch, phase // SCALE :: SCALE, phase % SCALE :: SCALE] = True
    return mask


def loss_of(model: PCSR, pairs: List[ImagePair], stage: int, step: int) -> torch.Tensor:
    """Compute the weighted loss of a step from the definition (PCSR, section 3.3)."""
    lr, hr = patches(pairs, stage, step)
    mask = chosen(stage, step)
    size = (PATCH * SCALE, PATCH * SCALE)
    heaviest = torch.zeros(BATCH, *size, dtype=torch.long) if stage == 0 else None
    difference = (model(lr, size, heaviest) - hr).abs().permute(0, 2, 3, 1)
    loss = W_RECON * difference[mask].mean()
    if stage > 0:
        p = torch.softmax(model.logits(query_inputs(model.backbone(lr), size)), dim=-1)
        p = p.reshape(BATCH, *size, 2)[mask]
        loss = loss + W_AVERAGE * (p.sum(0) - len(p) / 2).abs().sum() / len(p)
    return loss


def replay(model: PCSR, pairs: List[ImagePair], stage: int, learning: List[nn.Parameter]) -> None:
    """Run a phase with Adam written out (Kingma and Ba, ICLR 2015, algorithm 1)."""
    moments = [(torch.zeros_like(p), torch.zeros_like(p)) for p in learning]
    for step in range(STEPS):
        share = 0.5 * (1 + math.cos(math.pi * step / STEPS))
        rate = RATE_END + (RATE - RATE_END) * share
        gradients = torch.autograd.grad(loss_of(model, pairs, stage, step), learning)
        with torch.no_grad():
            for parameter, gradient, (first, second) in zip(learning, gradients, moments):
                first.mul_(BETAS[0]).add_((1 - BETAS[0]) * gradient)
                second.mul_(BETAS[1]).add_((1 - BETAS[1]) * gradient**2)
                mean = first / (1 - BETAS[0] ** (step + 1))
                spread = second / (1 - BETAS[1] ** (step + 1))
                parameter.sub_(rate * mean / (spread.sqrt() + 1e-8))


@pytest.fixture(name="trained", scope="module")
def _trained(
    recipe_data: Callable[..., Dict[str, Any]],
    pictures: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Tuple[Recipe, List[ImagePair], Weights]:
    recipe = recipe_from_dict(recipe_data(**FIELDS), "")
    pairs = load_pairs(pictures, SCALE)
    path = Trainer(recipe, pairs, [], tmp_path_factory.mktemp("run")).run({})
    return recipe, pairs, load_checkpoint(path).model.state_dict()


def test_a_training_is_what_its_definition_says(
    trained: Tuple[Recipe, List[ImagePair], Weights],
) -> None:
    recipe, pairs, weights = trained
    torch.manual_seed(SEED)
    model = PCSR(recipe.model)
    replay(model, pairs, 0, [*model.backbone.parameters(), *model.upsampler(0).parameters()])
    assert model.classifier is not None
    replay(model, pairs, 1, [*model.upsampler(1).parameters(), *model.classifier.parameters()])
    expected = model.state_dict()
    distances = torch.cat([(weights[name] - expected[name]).abs().flatten() for name in expected])
    # Where a gradient is all but zero, Adam makes steps of its rounding errors.
    assert int((distances > 2e-6).sum()) <= 3
    assert len(distances) > 500
