"""Engines that are built on first use are judged once, and bad ones refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any, List

import numpy as np
import pytest
from support.fake_gpu import FakeGPU

from pcsr_edge.errors import AccuracyError, EngineError
from pcsr_edge.runtime.backends import backend_for
from pcsr_edge.runtime.bundle import load_bundle
from pcsr_edge.runtime.engines import gate
from pcsr_edge.runtime.engines.shelf import Shelf
from pcsr_edge.runtime.upscaler import Upscaler

DATA = Path(__file__).parents[2] / "data"
PCSR, PLAIN = (DATA / f"tiny-{name}-x4" for name in ("pcsr", "plain"))
IMAGE = np.random.default_rng(0).integers(0, 256, (21, 30, 3)).astype(np.uint8)


@pytest.fixture(autouse=True)
def _own_engines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PCSR_EDGE_CACHE", str(tmp_path))


def upscale(patch: pytest.MonkeyPatch, model: Path = PCSR, spoil: Any = None) -> List[str]:
    """Run a picture by engines whose outputs go through `spoil`; return what was said."""
    gpu = FakeGPU(patch)
    with Upscaler.load(model, device="trt", say=gpu.said.append) as trt:
        if spoil is not None:
            _spoil(trt, spoil)
        trt.run(IMAGE)
        trt.run(IMAGE)
    return gpu.said


def _spoil(trt: Upscaler, spoil: Any) -> None:
    for engine in trt._method._workspace.engines.values():  # type: ignore[attr-defined]
        run = engine.enqueue

        def spoiled(inputs: Any, _run: Any = run) -> Any:
            return {name: spoil(array) for name, array in _run(inputs).items()}

        engine.enqueue = spoiled


def judged(said: List[str]) -> int:
    return sum("against float32 on the processor, once" in text for text in said)


def black(array: Any) -> Any:
    array[...] = -9
    return array


@pytest.mark.parametrize("model", [PCSR, PLAIN], ids=lambda path: path.name)
def test_engines_are_judged_when_they_are_built(
    monkeypatch: pytest.MonkeyPatch, model: Path
) -> None:
    said = upscale(monkeypatch, model)
    assert judged(said) == 1
    assert f"engines of {model.name}, fp16: PSNR " in said[-1]
    assert "worst pixel" in said[-1]


def test_the_verdict_lies_beside_every_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    upscale(monkeypatch)
    kept = Shelf().kept()
    assert len(kept) == 4
    assert all(each.verdict is not None and each.verdict.passed for each in kept)


def test_what_was_judged_is_not_judged_again(monkeypatch: pytest.MonkeyPatch) -> None:
    upscale(monkeypatch)
    assert upscale(monkeypatch) == []


def test_a_verdict_is_of_one_build(monkeypatch: pytest.MonkeyPatch) -> None:
    upscale(monkeypatch, PLAIN)
    [kept] = Shelf().kept()
    assert kept.record is not None
    identity = kept.record.identity
    assert Shelf().verdict(identity, kept.record.sha256) == kept.verdict
    assert Shelf().verdict(identity, "0" * 64) is None


def test_an_engine_that_gives_other_pictures_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AccuracyError, match=r"engines of tiny-plain-x4, fp16, are refused: PSNR -"):
        upscale(monkeypatch, PLAIN, lambda array: array + np.float32(0.2))
    # By its verdict, without a word on judging.
    gpu = FakeGPU(monkeypatch)
    trt = Upscaler.load(PLAIN, device="trt", say=gpu.said.append)
    with trt, pytest.raises(AccuracyError, match="are refused"):
        trt.run(IMAGE)
    assert gpu.said == []


def test_a_black_frame_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AccuracyError, match="black all over"):
        upscale(monkeypatch, PLAIN, black)


def test_a_damaged_verdict_is_made_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    upscale(monkeypatch, PLAIN)
    path = next(tmp_path.glob("engines/*.verdict"))
    path.write_bytes(path.read_bytes()[:-5])
    assert judged(upscale(monkeypatch, PLAIN)) == 1


def test_planes_of_video_are_judged_too(monkeypatch: pytest.MonkeyPatch) -> None:
    gpu = FakeGPU(monkeypatch)
    y, chroma = np.full((20, 30), 90, np.uint8), np.full((10, 15), 128, np.uint8)
    with Upscaler.load("esr-max-x2", device="trt", say=gpu.said.append) as trt:
        trt.upscale_planes(y, chroma, chroma)
        trt.upscale_planes(y, chroma, chroma)
    assert judged(gpu.said) == 1


def test_who_judges_by_himself_gets_the_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    FakeGPU(monkeypatch)
    monkeypatch.setattr(gate, "ALLOWED_DB", {"fp16": -1.0})
    with Upscaler(load_bundle(PLAIN), backend_for("trt"), precision="fp16") as trt:
        assert trt.run(IMAGE).image.any()


def test_a_tile_is_judged_and_not_the_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    gpu, sizes = FakeGPU(monkeypatch), []
    original = gate.photograph_of_size

    def noted(manifest: Any, size: Any) -> Any:
        sizes.append(size)
        return original(manifest, size)

    monkeypatch.setattr(gate, "photograph_of_size", noted)
    with Upscaler.load(PLAIN, device="trt", say=gpu.said.append) as trt:
        halo = trt.bundle.manifest.receptive_field
        trt.run(np.tile(IMAGE, (4, 4, 1)), tile=20)
    # 84 rows in five tiles, 120 columns in six; a pixel more on either side, for neighbours' sake.
    assert sizes == [(17 + 2 + 2 * halo, 20 + 2 + 2 * halo)]


def test_a_verdict_that_cannot_be_kept_is_an_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    keep = Shelf._write

    def refuse(self: Shelf, path: Path, content: bytes) -> None:
        if path.suffix == ".verdict":
            raise EngineError("engines cannot be kept")
        keep(self, path, content)

    monkeypatch.setattr(Shelf, "_write", refuse)
    with pytest.raises(EngineError, match="cannot be kept"):
        upscale(monkeypatch, PLAIN)
