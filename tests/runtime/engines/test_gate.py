"""Engines are held against the processor before anybody relies on them."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, Dict, List

import numpy as np

from pcsr_edge.calib.tolerance import TOLERANCES
from pcsr_edge.runtime.bundle import load_bundle
from pcsr_edge.runtime.device_frames.workspace import NotFiniteError
from pcsr_edge.runtime.engines.gate import ALLOWED_DB, compare_engines, photograph_of_size
from pcsr_edge.runtime.engines.verdict import Verdict

DATA = Path(__file__).parents[2] / "data"
PCSR, PLAIN = (load_bundle(DATA / name) for name in ("tiny-pcsr-x4", "tiny-plain-x4"))
SIZE = (40, 60)


class Scaled:
    """An upscaler that gives the true picture times a factor."""

    def __init__(self, bundle: Any, factor: float, broken_class: Any = None) -> None:
        self.bundle, self._factor, self._broken = bundle, factor, broken_class
        self.calls: List[Dict[str, Any]] = []

    def run(self, lr: Any, **options: Any) -> Any:
        self.calls.append(options)
        factor = self._factor
        if self._broken is not None and options.get("force_class") == self._broken:
            factor = 0.0
        _, hr = photograph_of_size(self.bundle.manifest, (lr.shape[0], lr.shape[1]))
        return SimpleNamespace(image=np.rint(hr * factor).astype(np.uint8))


def check(judged: Any, reference: Any) -> Verdict:
    return compare_engines(judged, reference, "fp16", SIZE)


def test_equal_frames_pass() -> None:
    found = check(Scaled(PLAIN, 0.9), Scaled(PLAIN, 0.9))
    assert found == Verdict("tiny-plain-x4", "fp16", 0.0, 0, 0.05)
    assert found.passed


def test_a_frame_that_is_worse_is_refused() -> None:
    found = check(Scaled(PLAIN, 0.88), Scaled(PLAIN, 0.9))
    assert not found.passed
    assert "tiny-plain-x4, fp16, are refused: PSNR -" in str(found)
    assert "(allowed 0.05)" in str(found)


def test_so_is_one_that_is_better() -> None:
    found = check(Scaled(PLAIN, 0.92), Scaled(PLAIN, 0.9))
    assert (found.passed, found.psnr_change_db > 0) == (False, True)


def test_a_black_frame_is_refused_in_whatever_class() -> None:
    found = check(Scaled(PCSR, 0.9, broken_class=1), Scaled(PCSR, 0.9))
    assert not found.passed
    assert "black all over" in str(found)


def test_a_frame_with_nan_is_refused() -> None:
    class Broken(Scaled):
        def run(self, lr: Any, **options: Any) -> Any:
            raise NotFiniteError("the graph network gave NaN")

    found = check(Broken(PLAIN, 0.9), Scaled(PLAIN, 0.9))
    assert not found.passed
    assert "the graph network gave NaN" in str(found)


def test_every_class_is_run_in_one_tile() -> None:
    judged = Scaled(PCSR, 0.9)
    check(judged, Scaled(PCSR, 0.9))
    assert [call.get("force_class") for call in judged.calls] == [None, 0, 1]
    assert {call["tile"] for call in judged.calls} == {"off"}


def test_the_worst_pixel_is_that_of_the_whole_frame() -> None:
    class Stained(Scaled):
        def run(self, lr: Any, **options: Any) -> Any:
            found = super().run(lr, **options)
            found.image[-1, -1] -= 7
            return found

    assert check(Stained(PLAIN, 0.9), Scaled(PLAIN, 0.9)).worst_pixel == 7


def test_a_photograph_is_mirrored_until_it_is_large_enough() -> None:
    lr, hr = photograph_of_size(PLAIN.manifest, (80, 50))
    assert (lr.shape, hr.shape) == ((80, 50, 3), (320, 200, 3))
    np.testing.assert_array_equal(lr[36:72], lr[35::-1])
    np.testing.assert_array_equal(hr[:144, 192:], hr[:144, 191:183:-1])


def test_it_allows_what_verify_allows() -> None:
    assert {name: each.psnr_db for name, each in TOLERANCES.items()} == ALLOWED_DB
