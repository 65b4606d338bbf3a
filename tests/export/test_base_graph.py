"""The graph of the bilinear base."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from support.networks import Run

from pcsr_edge.export.base_graph import write_base
from pcsr_edge.export.graph_builder import GraphBuilder
from pcsr_edge.runtime.bilinear import bilinear_rows
from pcsr_edge.runtime.geometry import Axis, Span


@pytest.mark.parametrize("scale", [1, 2, 3, 4])
@pytest.mark.parametrize("size", [(1, 1), (5, 3)])
def test_base_is_the_runtime_s_own_bilinear(scale: int, size: Any, run: Run) -> None:
    builder = GraphBuilder("base", "fp32")
    write_base(builder, scale)
    image = np.random.default_rng(0).random((*size, 3)).astype(np.float32)
    margined = np.pad(image.transpose(2, 0, 1), ((0, 0), (1, 1), (1, 1)), mode="edge")
    got = run(builder.build({}), {"image": margined[None]})["base"]
    axes = Axis(size[0], size[0] * scale), Axis(size[1], size[1] * scale)
    big = bilinear_rows(image, (0, 0), axes, Span(0, axes[0].n_hr), Span(0, axes[1].n_hr))
    cells = big.reshape(size[0], scale, size[1], scale, 3).transpose(0, 2, 1, 3, 4)
    np.testing.assert_allclose(got, cells.reshape(-1, 3), atol=1e-6)
