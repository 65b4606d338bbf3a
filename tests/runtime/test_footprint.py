"""The memory limit holds: a process that upscales reads its own peak."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcsr_edge.runtime import footprint
from pcsr_edge.runtime.bundle import load_bundle
from pcsr_edge.runtime.footprint import (
    cascade_tile_bytes,
    edge_tile_bytes,
    pcsr_tile_bytes,
    plain_tile_bytes,
)
from pcsr_edge.runtime.geometry import Axis
from pcsr_edge.runtime.tiling import plan_tiles

DATA = Path(__file__).parents[1] / "data"
MIB = 2**20
BATCHES = 4096, 16384
"""Queries per call of the upsamplers, as they are often measured to be best."""
SLACK = 8 * MIB
"""For the allocator: what it takes in steps, and the stacks of threads."""

CODE = """
import json, re, sys
import numpy as np
from pcsr_edge import Upscaler

def status(key):
    text = open("/proc/self/status").read()
    return int(re.search(key + r":\\s+(\\d+) kB", text).group(1)) * 1024

options = json.loads(sys.argv[2])
with Upscaler.load(sys.argv[1], threads=2) as up:
    image = np.random.default_rng(0).integers(0, 256, (600, 800, 3)).astype(np.uint8)
    image[300:] = 90
    up.run(image[:16, :16])
    before = status("VmRSS")
    result = up.run(image, **options)
    growth = status("VmHWM") - before
print(json.dumps([growth, result.image.nbytes + result.class_map.nbytes, result.tiles]))
"""


def measured(model: str, options: Any) -> Any:
    """Return the growth of a process and the bytes of its result, and its tiles."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "src")}
    command = [sys.executable, "-c", CODE, model, json.dumps(options)]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout)


def peak_is_told() -> bool:
    status = Path("/proc/self/status")
    return status.is_file() and "VmHWM:" in status.read_text()


@pytest.mark.skipif(not peak_is_told(), reason="the system does not tell a process its peak")
@pytest.mark.parametrize(
    ("model", "options", "limit"),
    [
        ("pcsr-fsrcnn-x4", {"scale": 2}, 64 * MIB),
        ("pcsr-fsrcnn-x4", {"scale": 4, "k": 0}, 64 * MIB),
        ("pcsr-fsrcnn-x4", {"scale": 1.5, "adaptive": True}, 256 * MIB),
        ("plain-s-x4", {}, 64 * MIB),
        ("plain-s-x4", {}, 256 * MIB),
    ],
    ids=["pcsr", "pcsr-dense", "pcsr-adaptive", "plain", "plain-large"],
)
def test_the_peak_stays_below_the_limit(model: str, options: Any, limit: int) -> None:
    growth, result, tiles = measured(model, {**options, "memory_limit": limit})
    assert tiles > 1
    assert growth <= limit + result + SLACK


@pytest.mark.skipif(not peak_is_told(), reason="the system does not tell a process its peak")
@pytest.mark.parametrize("model", ["esr-tm-x2", "esr-tm-x4"])
def test_blocks_take_what_the_model_says_however_large_the_picture(model: str) -> None:
    growth, result, tiles = measured(model, {})
    assert tiles == 1
    assert growth <= edge(model, 2, 800) + result + SLACK


def frame(side: int, scale: int) -> Any:
    return Axis(side, side * scale), Axis(side, side * scale)


def pcsr(threads: int, side: int, picture: int = 2000, scale: int = 4) -> int:
    manifest = load_bundle("pcsr-fsrcnn-x4").manifest
    return pcsr_tile_bytes(manifest, threads, frame(picture, scale), side, BATCHES)


def plain(threads: int, side: int) -> int:
    return plain_tile_bytes(load_bundle("plain-s-x4").manifest, threads, frame(2000, 4), side)


def cascade(threads: int, side: int) -> int:
    manifest = load_bundle(DATA / "tiny-cascade-x4").manifest
    return cascade_tile_bytes(manifest, threads, frame(2000, 4), side)


def edge(model: str, threads: int, side: int) -> int:
    manifest = load_bundle(model).manifest
    assert isinstance(manifest.scale, int)
    return edge_tile_bytes(manifest, threads, frame(2000, manifest.scale), side)


def test_edge_sr_takes_more_with_more_threads_and_no_more_beyond_a_block() -> None:
    assert edge("esr-tm-x4", 1, 16) < edge("esr-tm-x4", 1, 512) == edge("esr-tm-x4", 1, 2000)
    assert edge("esr-tm-x4", 8, 512) == 8 * edge("esr-tm-x4", 1, 512)


@pytest.mark.parametrize("estimate", [pcsr, plain, cascade])
def test_larger_tiles_and_more_threads_take_more(estimate: Any) -> None:
    assert estimate(1, 64) < estimate(1, 128) < estimate(1, 1000)
    assert estimate(1, 1000) < estimate(2, 1000) < estimate(8, 1000)


def test_a_tile_of_one_strip_and_band_takes_one_thread() -> None:
    side = 2 * load_bundle("pcsr-fsrcnn-x4").manifest.receptive_field - 1
    assert pcsr(8, side) == pcsr(1, side)
    assert pcsr(8, side + 1) > pcsr(1, side + 1)


def test_nothing_lies_beyond_the_picture() -> None:
    assert pcsr(1, 100, picture=100) == pcsr(1, 5000, picture=100)


def test_a_larger_scale_takes_more() -> None:
    assert pcsr(1, 100, scale=4) < pcsr(1, 100, scale=8)


@given(st.integers(1, 400), st.integers(1, 400), st.integers(1, 60), st.integers(0, 8))
def test_no_window_is_larger_than_the_model_says(lr: int, hr: int, side: int, halo: int) -> None:
    axis = Axis(lr, hr)
    for tile in plan_tiles((axis, axis), side, halo):
        assert len(tile.window_rows) <= footprint._window(axis, side, halo)


def test_the_limit_is_not_kept_by_needlessly_small_tiles() -> None:
    manifest, axes = load_bundle("pcsr-fsrcnn-x4").manifest, (Axis(600, 2400), Axis(800, 3200))
    assert pcsr_tile_bytes(manifest, 2, axes, 86, BATCHES) <= 64 * MIB
    assert len(plan_tiles(axes, 86, manifest.receptive_field)) == 70


def test_larger_batches_take_more() -> None:
    manifest = load_bundle("pcsr-fsrcnn-x4").manifest
    few, many = (pcsr_tile_bytes(manifest, 2, frame(2000, 4), 96, (n, n)) for n in (1024, 16384))
    assert few < many


def test_strong_shrinking_takes_the_rows_between_two_results() -> None:
    manifest = load_bundle("pcsr-fsrcnn-x4").manifest
    axes = Axis(8000, 3), Axis(100, 100)
    features = 4 * manifest.activation_floats_per_cell * 2667 * 100
    assert pcsr_tile_bytes(manifest, 1, axes, 32, BATCHES) > features
