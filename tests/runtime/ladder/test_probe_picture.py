"""The picture that costs are measured on."""

from __future__ import annotations

import numpy as np
import pytest

from pcsr_edge.runtime.ladder.probe_picture import probe_picture
from pcsr_edge.runtime.upscaler import Upscaler


def test_it_is_always_the_same() -> None:
    first = probe_picture(30, 40)
    assert (first.shape, first.dtype) == ((30, 40, 3), np.uint8)
    np.testing.assert_array_equal(first, probe_picture(30, 40))


@pytest.mark.parametrize("size", [(128, 160), (192, 256)])
def test_it_has_more_to_do_than_most_photographs_and_not_too_much(size: tuple) -> None:  # type: ignore[type-arg]
    picture = probe_picture(*size)
    with Upscaler.load("pcsr-fsrcnn-x4", threads=1) as up:
        heavy = [up.run(picture, k=k).fractions[0] for k in (0, 0.5, 1)]
    # More than nine of ten photographs, about as much as the heaviest (docs/decisions.md).
    assert 0.54 < heavy[0] < 0.75
    assert 0.12 < heavy[1] < 0.35
    assert 0.03 < heavy[2] < 0.13
