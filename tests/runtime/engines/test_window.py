"""How small the pictures are that graphs take."""

from __future__ import annotations

from pathlib import Path
from typing import List

import pytest

from pcsr_edge.runtime.bundle import load_bundle
from pcsr_edge.runtime.engines.window import least_side
from pcsr_edge.runtime.protocol_buffer import written

DATA = Path(__file__).parents[2] / "data"


@pytest.mark.parametrize(
    ("model", "graph", "least"),
    [
        ("esr-max-x2", "network", 5),
        ("esr-cnn-x2", "network", 9),
        ("pcsr-fsrcnn-x4", "base", 3),
        ("pcsr-fsrcnn-x4", "backbone", 1),
        # Their six convolutions of 5x5 stand side by side.
        ("esr-tr-x4", "network", 25),
    ],
)
def test_what_convolutions_take_away(model: str, graph: str, least: int) -> None:
    for precision in ("fp32", "fp16"):
        assert least_side(load_bundle(model).graph(graph, precision)) == least


def model_of(pads: bytes, dilations: bytes) -> bytes:
    """Return a graph of one 3x7 convolution; its numbers are packed."""
    numbers = {b"kernel_shape": bytes([3, 7]), b"pads": pads, b"dilations": dilations}
    attributes = (written(1, name) + written(8, packed) for name, packed in numbers.items())
    node = b"".join(written(5, attribute) for attribute in attributes)
    return written(7, written(1, node))


@pytest.mark.parametrize(
    ("pads", "dilations", "least"),
    [([1, 2, 1, 2], [1, 1], 3), ([0, 2, 0, 2], [2, 1], 5), ([9, 9, 9, 9], [1, 1], 1)],
)
def test_pads_and_dilations_count(pads: List[int], dilations: List[int], least: int) -> None:
    assert least_side(model_of(bytes(pads), bytes(dilations))) == least
