"""What is said of a time budget."""

from __future__ import annotations

import pytest

from pcsr_edge.cli.video.pacing import models_that_ran, pace_entry, pace_text
from pcsr_edge.runtime.bundle import load_bundle
from pcsr_edge.runtime.ladder.cost_table import CostTable
from pcsr_edge.runtime.upscaler import Upscaler
from pcsr_edge.runtime.video.gears import Model
from pcsr_edge.runtime.video.paced import PacedUpscaler


@pytest.fixture
def upscaler():
    """Return one that has plain-s-x4 above bicubic, and time for it."""
    better = [Model(load_bundle("plain-s-x4"), "fp32", lambda: Upscaler.load("plain-s-x4"))]
    last, table = Upscaler.load("bicubic"), CostTable({}, None)
    with PacedUpscaler(60_000, last, lambda scale: better, table=table) as paced:
        paced.prepare((12, 16), (48, 64))
        yield paced


def test_only_models_that_ran_are_named(upscaler) -> None:
    upscaler.skip(7)
    for _ in range(4):
        upscaler.observe(1e6)
    upscaler.observe(1e6)
    entry = pace_entry(upscaler)
    assert entry["gears"] == ["plain-s-x4", "bicubic"]
    # From frame 12 on bicubic would run, but there was no such frame.
    assert [(shift["frame"], shift["gear"]) for shift in entry["shifts"]] == [(7, "plain-s-x4")]
    assert models_that_ran(upscaler, [entry]) == [("plain-s-x4", "onnxruntime-cpu")]
    upscaler.observe(1)
    ran = models_that_ran(upscaler, [entry, None, pace_entry(upscaler)])
    assert ran == [("plain-s-x4", "onnxruntime-cpu"), ("bicubic", "numpy")]


def test_without_a_budget_the_model_is_named() -> None:
    with Upscaler.load("bicubic") as bicubic:
        assert models_that_ran(bicubic, [None]) == [("bicubic", "numpy")]


def test_heavy_pixels_are_those_of_models_that_have_some(upscaler) -> None:
    upscaler.observe(30_000)
    assert pace_text(pace_entry(upscaler)) == (
        "\nbudget 60000.0 ms: 100.0% of frames within it and a tenth, 50% used on average; "
        "plain-s-x4 from frame 0"
    )


def test_frames_that_were_there_already_keep_no_budget(upscaler) -> None:
    upscaler.skip(7)
    said = pace_text(pace_entry(upscaler))
    assert said == "\nbudget 60000.0 ms: no frame had to be computed"
