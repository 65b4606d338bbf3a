"""What the progress of a video calls its model."""

from __future__ import annotations

from pathlib import Path

import pytest

from pcsr_edge.cli.video.meter import chosen_by
from pcsr_edge.runtime.bundle import load_bundle

DATA = Path(__file__).parents[2] / "data"


@pytest.mark.parametrize(
    ("model", "options", "text"),
    [
        ("tiny-pcsr-x4", {"k": 0.5}, "k=0.5"),
        ("tiny-pcsr-x4", {"k": 0}, "k=0"),
        ("tiny-pcsr-x4", {"k": None, "adaptive": True}, "adaptive"),
        ("tiny-pcsr-x4", {"force_class": 1}, "class 1"),
        ("tiny-arm-x4", {"eta": 2.0}, "eta=2"),
        ("tiny-plain-x4", {}, ""),
    ],
)
def test_it_tells_by_what_classes_are_chosen(model, options, text) -> None:
    assert chosen_by(load_bundle(DATA / model).manifest, options) == text


@pytest.mark.parametrize("model", ["tiny-pcsr-x4", "tiny-arm-x4"])
def test_without_a_choice_it_tells_the_bundles_own(model) -> None:
    manifest = load_bundle(DATA / model).manifest
    own = f"eta={manifest.default_eta:g}" if manifest.by_patch else f"k={manifest.default_k:g}"
    assert chosen_by(manifest, {}) == own
