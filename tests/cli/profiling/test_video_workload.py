"""Frames of a clip through a model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("av")

from pcsr_edge.calib.profiling import PeakMemory
from pcsr_edge.cli.profiling.video_workload import FRAMES, VideoWorkload, write_clip
from pcsr_edge.errors import UsageError
from pcsr_edge.runtime.upscaler import Upscaler
from pcsr_edge.runtime.video.av_source import AvSource

PICTURE = np.random.default_rng(0).integers(0, 256, (16, 32, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """Return a clip of `PICTURE`."""
    path = tmp_path_factory.mktemp("clip") / "in.mp4"
    write_clip(PICTURE, path)
    return path


@pytest.fixture
def workload(clip):
    """Return a function that makes the workload of a model."""

    def make(model, scale=4, **options):
        upscaler = Upscaler.load(model, device="cpu", threads=1)
        height, width = PICTURE.shape[:2]
        options = {"size": (height * scale, width * scale), **options}
        return VideoWorkload(upscaler, PICTURE, options, PeakMemory(), clip, Path("out.mp4"))

    return make


def test_a_clip_moves(clip):
    source = AvSource(clip, 1)
    frames = list(source.frames())
    source.close()
    assert len(frames) == FRAMES
    assert source.facts.size == (16, 32)
    assert not np.array_equal(frames[0].planes.y, frames[1].planes.y)


def test_every_stage_is_timed(workload, tiny_bundle):
    frame = workload(tiny_bundle, k=0.0).run()
    assert {"decode", "preprocess", "gather", "postprocess", "encode"} <= set(frame.stages_ms)
    assert sum(frame.fractions) == pytest.approx(1)
    assert frame.total_ms >= frame.upscale_ms


@pytest.mark.parametrize(
    ("model", "scale", "stages"),
    [
        ("bicubic", 3, {"bicubic"}),
        ("esr-max-x2", 2, {"network"}),
        ("plain-s-x4", 4, {"preprocess", "network", "postprocess"}),
    ],
)
def test_planes_stay_planes_where_they_can(workload, model, scale, stages):
    assert set(workload(model, scale).run().inner_ms) == stages


def test_another_scale_than_the_models_is_refused(workload):
    with pytest.raises(UsageError, match="trained for scale 2"):
        workload("esr-max-x2", 4)


def test_the_clip_begins_anew(workload):
    played = workload("bicubic")
    assert len([played.run() for _ in range(2 * FRAMES)]) == 2 * FRAMES


def test_the_encoder_is_at_work_from_the_first_frame_on(workload):
    played = workload("bicubic")
    played.run()
    packets = [played._encode(played._enlarged(next(played._frames)[0])[0]) for _ in range(8)]
    assert all(packets)
