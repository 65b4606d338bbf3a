from __future__ import annotations

from pathlib import Path

from pcsr_edge.calib.int8 import recording
from pcsr_edge.calib.int8.recording import recorded_calls
from pcsr_edge.calib.pictures import judging_pairs
from pcsr_edge.runtime.bundle import load_bundle

DATA = Path(__file__).parents[2] / "data"


def test_every_graph_is_fed():
    bundle = load_bundle(DATA / "tiny-pcsr-x4")
    calls = recorded_calls(bundle, judging_pairs(None, 4)[:1])
    assert set(calls) == set(bundle.manifest.precisions["fp32"])
    assert calls["backbone"][0]["image"].shape == (1, 3, 36, 48)


def test_every_picture_has_its_share(monkeypatch):
    monkeypatch.setattr(recording, "ENOUGH", 1)
    calls = recorded_calls(load_bundle(DATA / "tiny-plain-x4"), judging_pairs(None, 4))
    assert len(calls["network"]) == 4
