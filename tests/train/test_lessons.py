"""Each network is trained by the lesson of its method."""

from __future__ import annotations

from typing import Any, Dict

import pytest

from pcsr_edge.models import METHODS, build_network
from pcsr_edge.train import recipe_from_dict
from pcsr_edge.train.cascade_lesson import CascadeLesson
from pcsr_edge.train.edge_lesson import EdgeLesson
from pcsr_edge.train.lesson import Lesson
from pcsr_edge.train.lessons import lesson_for
from pcsr_edge.train.pcsr_lesson import PCSRLesson
from pcsr_edge.train.plain_lesson import PlainLesson
from pcsr_edge.train.supernet_lesson import SupernetLesson

MODELS: Dict[str, Dict[str, Any]] = {
    "pcsr": {"backbone": "fsrcnn", "upsamplers": [[4]]},
    "plain": {"scale": 2, "channels": 4, "layers": 1},
    "arm": {"scale": 2, "backbone": "fsrcnn", "widths": [4, 2]},
    "wbsr": {"scale": 2, "backbone": "carn", "widths": [8, 4]},
    "edge-sr": {"id": "eSR-MAX_s2_K3_C1"},
    "cascade": {"scale": 2, "channels": 3, "trunk_layers": 2, "deep_layers": 3, "margin": 1},
}


@pytest.mark.parametrize(
    ("method", "kind"),
    [
        ("pcsr", PCSRLesson),
        ("plain", PlainLesson),
        ("edge-sr", EdgeLesson),
        ("cascade", CascadeLesson),
        ("arm", SupernetLesson),
        ("wbsr", SupernetLesson),
    ],
)
def test_a_lesson_is_of_the_networks_method(method: str, kind: type) -> None:
    data = {"name": "a", "method": method, "scale": 2, "model": MODELS[method]}
    # A cascade has a last phase of its own.
    phases = [{"steps": 1, "lr": 0.1}] * (2 if method == "cascade" else 1)
    recipe = recipe_from_dict({**data, "phases": phases}, "")
    assert type(lesson_for(recipe, build_network(recipe.model))) is kind


def test_every_method_is_tried_here() -> None:
    assert set(MODELS) == set(METHODS)


def test_a_lesson_must_say_everything() -> None:
    assert Lesson.__abstractmethods__ == {"begin", "loss", "psnr"}
