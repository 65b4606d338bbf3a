"""Engines are held against the processor before anybody relies on them."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, Dict, List

import numpy as np
import pytest

from pcsr_edge.calib.tolerance import TOLERANCES
from pcsr_edge.errors import AccuracyError
from pcsr_edge.export.engine_gate import (
    ALLOWED_DB,
    EngineAccuracy,
    check_engines,
    photograph_of_size,
)
from pcsr_edge.runtime.bundle import load_bundle

DATA = Path(__file__).parents[1] / "data"
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


def check(judged: Any, reference: Any, precision: str = "fp16") -> EngineAccuracy:
    return check_engines(judged, reference, precision, SIZE)


def test_equal_frames_pass() -> None:
    assert check(Scaled(PLAIN, 0.9), Scaled(PLAIN, 0.9)) == EngineAccuracy(0.0, 0, 0.05)


def test_a_frame_that_is_worse_is_refused() -> None:
    with pytest.raises(AccuracyError, match=r"tiny-plain-x4, fp16: PSNR -\d.*\(allowed 0\.05\)"):
        check(Scaled(PLAIN, 0.88), Scaled(PLAIN, 0.9))


def test_so_is_one_that_is_better() -> None:
    with pytest.raises(AccuracyError, match=r"PSNR \+"):
        check(Scaled(PLAIN, 0.92), Scaled(PLAIN, 0.9))


def test_a_black_frame_is_refused_in_whatever_class() -> None:
    with pytest.raises(AccuracyError, match="black all over"):
        check(Scaled(PCSR, 0.9, broken_class=1), Scaled(PCSR, 0.9))


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
