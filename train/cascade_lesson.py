"""How a cascade is trained: both results together, then what predicts the gain of the deep one."""

from __future__ import annotations

from typing import List, NamedTuple, Sequence

import numpy as np
import torch
from torch.nn import functional as F

from pcsr_edge.models import Cascade
from pcsr_edge.models.blocks import Block, gather_blocks
from pcsr_edge.train.data import ImagePair
from pcsr_edge.train.lesson import Lesson, StepLoss
from pcsr_edge.train.recipe import Recipe
from pcsr_edge.train.validation import mean_psnr

GAIN_UNIT = 1 / 255**2
"""Squared error of one step of 8 bits: the gain at which a block is as well heavy as light."""
GAIN_FLOOR = 0.05
"""In units; gains below it are all alike, and far too small for any k in use."""
EDGE_CHANCE = 0.2
"""Of the blocks of a step lying at the patch's lower edge, and likewise at its upper one."""


class _Results(NamedTuple):
    """What both parts make of a patch."""

    features: torch.Tensor
    """Of the trunk, (N, C, h, w)."""
    light: torch.Tensor
    """Light residual of the patch by phase, (N, 3·scale², h, w)."""
    light_blocks: torch.Tensor
    """The same of the step's blocks, (N·blocks, 3·scale², side, side)."""
    heavy_blocks: torch.Tensor
    """Heavy residual of these blocks."""


class CascadeLesson(Lesson):
    """L1 of the light result on whole patches plus L1 of the heavy one on blocks of them.

    The last phase trains the prediction of the gain alone, the phases before it all the rest.
    A patch is a picture to the network: its edge is the picture's edge. The blocks of a step
    lie in its middle, where no edge reaches, or along its edges. Their margins are cut out as
    they are when the network runs, so that it learns what it will see.

    The convolutions of the first `bf16_share` of a phase run in bfloat16.

    Args:
        recipe: of method `cascade`.
        model: the network, on its device.
    """

    def __init__(self, recipe: Recipe, model: Cascade) -> None:
        self._recipe, self._model = recipe, model

    def begin(self, stage: int) -> List[torch.nn.Parameter]:
        """Let the prediction of the gain learn in the last phase, everything else before."""
        self._model.train().requires_grad_(not self._is_last(stage))
        self._model.gain.requires_grad_(self._is_last(stage))
        return [weight for weight in self._model.parameters() if weight.requires_grad]

    def loss(self, lr: torch.Tensor, hr: torch.Tensor, stage: int, step: int) -> StepLoss:
        """Compute the loss; `recon` is that of the heavy result, `average` that of the other."""
        model, recipe = self._model, self._recipe
        target = F.pixel_unshuffle(hr, recipe.scale) - model.base(lr)
        blocks = self._blocks(lr.shape[-1], stage, step)
        half = step < recipe.bf16_share * recipe.phases[stage].steps
        with torch.autocast(lr.device.type, torch.bfloat16, enabled=half):
            results = self._run(lr, blocks)
        wanted = self._cut(target, blocks)
        if self._is_last(stage):
            return self._gain_loss(results, wanted, blocks)
        heavy = F.l1_loss(results.heavy_blocks.float(), wanted)
        light = F.l1_loss(results.light.float(), target)
        return StepLoss(heavy + recipe.loss_light * light, heavy, light)

    def psnr(self, pairs: Sequence[ImagePair], stage: int) -> float:
        """Measure the network with the deep part everywhere."""
        return mean_psnr(self._model, pairs, self._recipe.scale, self._model)

    def _is_last(self, stage: int) -> bool:
        return stage == len(self._recipe.phases) - 1

    def _blocks(self, patch: int, stage: int, step: int) -> List[Block]:
        """Place 2x2 blocks in a patch, or as many as fit."""
        side = self._model.config.block
        count = min(2, patch // side)
        rng = np.random.default_rng([self._recipe.seed, stage, step, 1])
        room = patch - count * side
        top, left = (_offset(room, *rng.random(2)) for _ in range(2))
        return [
            Block(top + side * row, left + side * col)
            for row in range(count)
            for col in range(count)
        ]

    def _run(self, lr: torch.Tensor, blocks: Sequence[Block]) -> _Results:
        model, config = self._model, self._model.config
        features = model.trunk(lr.contiguous(memory_format=torch.channels_last))
        light = model.light(features)
        windows = gather_blocks(features, blocks, config.block, config.margin).flatten(0, 1)
        deep = model.deep(windows.contiguous(memory_format=torch.channels_last))
        light_blocks = self._cut(light.float(), blocks)
        return _Results(features, light, light_blocks, deep.float() + light_blocks)

    def _cut(self, values: torch.Tensor, blocks: Sequence[Block]) -> torch.Tensor:
        return gather_blocks(values, blocks, self._model.config.block, 0).flatten(0, 1)

    def _gain_loss(
        self, results: _Results, wanted: torch.Tensor, blocks: Sequence[Block]
    ) -> StepLoss:
        """Compare logarithms of predicted and true gains: what counts is the ratio to a cost."""
        true = (results.light_blocks - wanted).square() - (results.heavy_blocks - wanted).square()
        gain = true.mean(dim=(1, 2, 3)) / GAIN_UNIT
        cells = self._model.gain(results.features.float()).exp()
        found = self._cut(cells, blocks).mean(dim=(1, 2, 3))
        difference = (found + GAIN_FLOOR).log() - gain.clamp(min=0).add(GAIN_FLOOR).log()
        loss = difference.abs().mean()
        return StepLoss(loss, loss, loss.new_zeros(()))


def _offset(room: int, where: float, place: float) -> int:
    """Return where blocks begin: at the lower end, at the upper one, or anywhere between."""
    if where < EDGE_CHANCE:
        return 0
    if where < 2 * EDGE_CHANCE:
        return room
    return round(room * (0.375 + 0.25 * place))
