from __future__ import annotations

import numpy as np
import pytest
from support.fake_plain import FakePlain

from pcsr_edge.calib.tap import TappedBackend

IMAGE = {"image": np.zeros((1, 3, 4, 5), np.float32)}


@pytest.fixture
def calls():
    return []


@pytest.fixture
def backend(tmp_path, calls):
    fake = FakePlain()

    def tap(graph, inputs, outputs):
        calls.append((graph, inputs["image"].shape, outputs["phases"].shape))

    return TappedBackend(fake.backend(), fake.bundle(tmp_path / "fake"), "fp32", tap)


def test_calls_are_heard_with_the_name_of_the_graph(backend, calls):
    engine = backend.load(b"network", 1)
    backend.listening = True
    engine.run(IMAGE)
    assert calls == [("network", (1, 3, 4, 5), (1, 27, 4, 5))]


def test_nothing_is_heard_before(backend, calls):
    backend.load(b"network", 1).run(IMAGE)
    assert calls == []


def test_it_goes_by_the_name_of_what_runs(backend):
    assert backend.name == "fake"
