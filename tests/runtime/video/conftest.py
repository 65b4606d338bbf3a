"""What the tests of video share."""

from __future__ import annotations

from pathlib import Path

import pytest

from pcsr_edge.runtime.upscaler import Upscaler
from pcsr_edge.runtime.video.job import VideoJob
from pcsr_edge.runtime.video.request import VideoRequest

pytest.importorskip("av")


@pytest.fixture(scope="session")
def bicubic():
    """Return a model that needs no engine."""
    with Upscaler.load("bicubic", threads=1) as upscaler:
        yield upscaler


@pytest.fixture(scope="session")
def tiny_folder():
    """Return the folder of a small PCSR model with random weights."""
    return Path(__file__).parents[2] / "data" / "tiny-pcsr-x4"


@pytest.fixture(scope="session")
def tiny(tiny_folder):
    """Return that model."""
    with Upscaler.load(tiny_folder, threads=1) as upscaler:
        yield upscaler


@pytest.fixture
def upscale(bicubic, tmp_path):
    """Return a function that upscales a file twice, and returns the result and what was said."""

    def run(source, target="out.mkv", upscaler=bicubic, watch=lambda progress: None, **request):
        options = {"scale": 2.0, "segment": 5, **request}
        job = VideoJob(VideoRequest(source, tmp_path / target, **options), upscaler)
        return job.run(watch)

    return run
