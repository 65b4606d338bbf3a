"""`pcsr-edge upscale`: which threads, device and model it takes."""

from __future__ import annotations

import json

import pytest

from pcsr_edge.cli import loading


def test_threads_come_from_the_environment(upscale, save, tmp_path, monkeypatch):
    monkeypatch.setenv("PCSR_EDGE_THREADS", "1")
    ran = upscale(save("in.png"), tmp_path / "out.png", "--json")
    assert json.loads(ran.out)["threads"] == 1


def test_device_comes_from_the_environment(upscale, save, tmp_path, monkeypatch):
    monkeypatch.setenv("PCSR_EDGE_DEVICE", "trt")
    assert upscale(save("in.png"), tmp_path / "out.png").code == 3


@pytest.mark.parametrize("device", [["-d", "cuda"], ["--device", "trt:0"], ["-g", "0"]])
def test_device_that_is_not_there_is_never_replaced(device, upscale, save, tmp_path, files):
    ran = upscale(save("in.png"), tmp_path / "out.png", *device)
    assert ran.code == 3
    assert files() == ["in.png"]


@pytest.mark.parametrize(
    ("scale", "name"),
    [
        (2.0, "pcsr-fsrcnn-x2"),
        (4.0, "pcsr-fsrcnn-x4"),
        (3.0, "pcsr-fsrcnn-x4"),
        (None, "pcsr-fsrcnn-x4"),
    ],
)
def test_model_is_the_one_trained_for_the_scale(scale, name, monkeypatch):
    shipped = {"pcsr-carn-x2": 2, "pcsr-fsrcnn-x2": 2, "pcsr-fsrcnn-x4": 4}
    monkeypatch.setattr(loading, "_shipped_scales", lambda: shipped)
    assert loading.model_for_scale(scale) == name
