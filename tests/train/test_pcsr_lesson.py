"""A lesson of PCSR: its losses weighted, on phases that derive from seed, stage and step."""

from __future__ import annotations

from typing import Any, Callable, Dict, Tuple

import pytest
import torch

from pcsr_edge.models import PCSR
from pcsr_edge.train import recipe_from_dict
from pcsr_edge.train.lesson import StepLoss
from pcsr_edge.train.pcsr_lesson import PCSRLesson

RecipeData = Callable[..., Dict[str, Any]]
Losses = Callable[..., StepLoss]


@pytest.fixture(name="losses")
def _losses(recipe_data: RecipeData) -> Losses:
    """Return the losses of a step on the same patches and weights."""

    def losses(stage: int = 1, step: int = 4, **fields: Any) -> StepLoss:
        recipe = recipe_from_dict(recipe_data(**fields), "")
        torch.manual_seed(0)
        lesson = PCSRLesson(recipe, PCSR(recipe.model))
        return lesson.loss(torch.rand(2, 3, 8, 8), torch.rand(2, 3, 16, 16), stage, step)

    return losses


@pytest.mark.parametrize("weights", [(1000.0, 3.0), (2.0, 0.0), (0.0, 5.0)], ids=str)
def test_the_total_is_weighted(losses: Losses, weights: Tuple[float, float]) -> None:
    loss = losses(loss_recon=weights[0], loss_average=weights[1])
    assert loss.average.item() > 0
    expected = weights[0] * loss.recon.item() + weights[1] * loss.average.item()
    assert loss.total.item() == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    "other", [{"step": 5}, {"stage": 0}, {"seed": 1}, {"queries_per_cell": 4}], ids=str
)
def test_the_queries_depend_on_step_stage_seed_and_number(
    losses: Losses, other: Dict[str, Any]
) -> None:
    assert losses().recon.item() == losses().recon.item()
    assert losses().recon.item() != losses(**other).recon.item()


def test_no_number_means_every_query(losses: Losses) -> None:
    every, all_four = losses(queries_per_cell=0), losses(queries_per_cell=4)
    torch.testing.assert_close(every.recon, all_four.recon)
