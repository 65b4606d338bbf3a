"""Which lesson trains the network of a recipe."""

from __future__ import annotations

from pcsr_edge.models import Cascade, Network, OneChannel, Plain, Supernet
from pcsr_edge.train.cascade_lesson import CascadeLesson
from pcsr_edge.train.edge_lesson import EdgeLesson
from pcsr_edge.train.lesson import Lesson
from pcsr_edge.train.pcsr_lesson import PCSRLesson
from pcsr_edge.train.plain_lesson import PlainLesson
from pcsr_edge.train.recipe import Recipe
from pcsr_edge.train.supernet_lesson import SupernetLesson


def lesson_for(recipe: Recipe, model: Network) -> Lesson:
    """Return how `recipe` trains `model`, which is built from its description."""
    if isinstance(model, Plain):
        return PlainLesson(recipe, model)
    if isinstance(model, OneChannel):
        return EdgeLesson(recipe, model)
    if isinstance(model, Cascade):
        return CascadeLesson(recipe, model)
    if isinstance(model, Supernet):
        return SupernetLesson(recipe, model)
    return PCSRLesson(recipe, model)
