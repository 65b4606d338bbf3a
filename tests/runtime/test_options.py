"""The size of a result, and what no picture can have."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pcsr_edge.errors import UsageError
from pcsr_edge.runtime.options import MAX_OUTPUT, check_precision, scaled_size


@pytest.mark.parametrize(
    ("size", "scale", "expected"),
    [((5, 7), 4, (20, 28)), ((10, 20), 2.34, (23, 47)), ((100, 30), 0.26, (26, 8))],
)
def test_both_sides_are_scaled_and_rounded(size: Any, scale: Any, expected: Any) -> None:
    assert scaled_size(size, scale) == expected


@pytest.mark.parametrize(("height", "expected"), [(1, 2), (3, 4), (5, 8), (7, 10)])
def test_halves_go_to_the_even_number(height: int, expected: int) -> None:
    # 1.5, 4.5, 7.5 and 10.5.
    assert scaled_size((height, 2), 1.5) == (expected, 3)


@pytest.mark.parametrize("scale", [np.float32(1.5), np.float16(4), np.int64(3)])
def test_numpy_numbers_are_accepted(scale: Any) -> None:
    rows, cols = scaled_size((20000, 10), scale)
    assert (rows, cols) == (20000 * float(scale), 10 * float(scale))
    assert type(rows) is int


@pytest.mark.parametrize("scale", [0, -1, float("nan"), float("inf"), True, "4", 10**400])
def test_what_is_no_positive_number_is_refused(scale: Any) -> None:
    with pytest.raises(UsageError, match=r"scale .* is not valid"):
        scaled_size((4, 5), scale)


@pytest.mark.parametrize("scale", [1e307, 1e308, MAX_OUTPUT])
def test_a_scale_beyond_any_picture_is_refused(scale: float) -> None:
    with pytest.raises(UsageError, match="too large"):
        scaled_size((4, 5000), scale)


def test_too_many_pixels_are_refused() -> None:
    with pytest.raises(UsageError, match="100000x100000 pixels"):
        scaled_size((1000, 1000), 100)


def test_a_result_without_pixels_is_refused() -> None:
    with pytest.raises(UsageError, match="1x0 pixels"):
        scaled_size((4, 12), 0.1)


def test_half_precision_on_the_cpu_is_refused() -> None:
    with pytest.raises(UsageError, match="fp16 is for GPUs"):
        check_precision("fp16", "onnxruntime-cpu")


@pytest.mark.parametrize(("precision", "backend"), [("int8", "onnxruntime-cpu"), ("fp16", "gpu")])
def test_other_precisions_are_not(precision: str, backend: str) -> None:
    check_precision(precision, backend)
