"""Each network is trained by the lesson of its method."""

from __future__ import annotations

from typing import Any, Dict

import pytest

from pcsr_edge.models import METHODS, build_network
from pcsr_edge.train import recipe_from_dict
from pcsr_edge.train.lesson import Lesson
from pcsr_edge.train.lessons import lesson_for
from pcsr_edge.train.pcsr_lesson import PCSRLesson
from pcsr_edge.train.plain_lesson import PlainLesson

MODELS: Dict[str, Dict[str, Any]] = {
    "pcsr": {"backbone": "fsrcnn", "upsamplers": [[4]]},
    "plain": {"scale": 2, "channels": 4, "layers": 1},
}


@pytest.mark.parametrize(("method", "kind"), [("pcsr", PCSRLesson), ("plain", PlainLesson)])
def test_a_lesson_is_of_the_networks_method(method: str, kind: type) -> None:
    data = {"name": "a", "method": method, "scale": 2, "model": MODELS[method]}
    recipe = recipe_from_dict({**data, "phases": [{"steps": 1, "lr": 0.1}]}, "")
    assert type(lesson_for(recipe, build_network(recipe.model))) is kind


def test_every_method_is_tried_here() -> None:
    assert set(MODELS) == set(METHODS)


def test_a_lesson_must_say_everything() -> None:
    assert Lesson.__abstractmethods__ == {"begin", "loss", "psnr"}
