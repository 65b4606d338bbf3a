"""What the tests of video share."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from support.known_costs import known

from pcsr_edge.runtime.bundle import load_bundle
from pcsr_edge.runtime.upscaler import Upscaler
from pcsr_edge.runtime.video import upscaling
from pcsr_edge.runtime.video.gears import Model
from pcsr_edge.runtime.video.job import VideoJob
from pcsr_edge.runtime.video.paced import PacedUpscaler
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
def coders(monkeypatch):
    """Return the names of the threads that made planes of SR pixels, one for each frame."""
    names, code = [], upscaling.from_rgb

    def noted(*args):
        names.append(threading.current_thread().name)
        return code(*args)

    monkeypatch.setattr(upscaling, "from_rgb", noted)
    return names


@pytest.fixture
def upscale(bicubic, tmp_path):
    """Return a function that upscales a file twice, and returns the result and what was said."""

    def run(source, target="out.mkv", upscaler=bicubic, watch=lambda progress: None, **request):
        options = {"scale": 2.0, "segment": 5, **request}
        job = VideoJob(VideoRequest(source, tmp_path / target, **options), upscaler)
        return job.run(watch)

    return run


@pytest.fixture
def paced(tiny_folder):
    """Return a function that loads models above bicubic under a budget."""
    opened = []

    def load(budget_ms, models=(tiny_folder,), table=None, told=lambda name: None):
        better = [
            Model(load_bundle(name), "fp32", lambda name=name: Upscaler.load(name, threads=1))
            for name in models
        ]
        last = Upscaler.load("bicubic", threads=1)
        table = table or known({tiny_folder: (2, 4, 12, 10), "esr-max-x4": (1,), "bicubic": (0.5,)})
        opened.append(
            PacedUpscaler(budget_ms, last, lambda scale: better, table=table, on_measurement=told)
        )
        return opened[-1]

    yield load
    for upscaler in opened:
        upscaler.close()
