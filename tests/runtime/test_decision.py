"""How the classes of a frame are decided."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pcsr_edge.runtime.assignment import Choice, DifficultyHistogram, difficulty
from pcsr_edge.runtime.bundle import load_bundle
from pcsr_edge.runtime.decision import Decision
from pcsr_edge.runtime.geometry import Axis

MANIFEST = load_bundle(Path(__file__).parents[1] / "data" / "tiny-pcsr-x4").manifest
AXES = Axis(8, 32), Axis(9, 36)
FLAT = np.full((8, 9, 3), 0.5, np.float32)
NOISE = np.random.default_rng(0).random((8, 9, 3), dtype=np.float32)
LOGITS = np.random.default_rng(1).normal(size=(400, 2)).astype(np.float32)


def decision(**options: Any) -> Decision:
    return Decision(MANIFEST, AXES, 0.0, **options)


def classes_of(choice: Choice) -> Any:
    return choice.classes(choice.scores(LOGITS))


@pytest.mark.parametrize(
    ("options", "image", "lone"),
    [
        ({}, FLAT, None),
        ({"adaptive": True}, FLAT, 1),
        ({"adaptive": True}, NOISE, None),
        ({"force_class": 0}, NOISE, 0),
        ({"work": 0.0}, NOISE, 1),
        ({"work": 1.0}, NOISE, 0),
        ({"work": 0.5}, NOISE, None),
    ],
)
def test_the_class_of_everything(options: Any, image: Any, lone: Any) -> None:
    assert decision(**options).lone_class(image) == lone


def test_one_class_is_everywhere() -> None:
    alone = replace(MANIFEST, classes=MANIFEST.classes[:1])
    assert Decision(alone, AXES, 0.0).lone_class(NOISE) == 0


def test_by_k_nothing_is_scanned() -> None:
    assert not decision().scans
    np.testing.assert_array_equal(classes_of(decision().choice()), np.argmax(LOGITS, axis=1))


def test_a_larger_k_is_lighter() -> None:
    heavy, light = (classes_of(Decision(MANIFEST, AXES, k).choice()) for k in (-2.0, 2.0))
    assert heavy.mean() < light.mean()


@pytest.mark.parametrize("options", [{"adaptive": True}, {"work": 0.25}], ids=["adm", "work"])
def test_what_scans_goes_by_difficulty(options: Any) -> None:
    assert decision(**options).scans
    histogram, values = DifficultyHistogram(), difficulty(LOGITS)
    histogram.add(values)
    classes = classes_of(decision(**options).choice(histogram, len(LOGITS)))
    assert values[classes == 0].min() > values[classes == 1].max()
    if "work" in options:
        assert np.mean(classes == 0) == pytest.approx(0.25, abs=0.01)


def test_what_was_left_out_leaves_its_work_to_the_others() -> None:
    histogram = DifficultyHistogram(means=False)
    histogram.add(difficulty(LOGITS))
    # As many were left out as there are: twice the share goes to these.
    classes = classes_of(decision(work=0.25).choice(histogram, 2 * len(LOGITS)))
    assert np.mean(classes == 0) == pytest.approx(0.5, abs=0.01)
