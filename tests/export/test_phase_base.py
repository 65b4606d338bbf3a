"""The bilinear base as a convolution is the bilinear upsampling."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from onnx import TensorProto
from support.networks import Run
from torch.nn import functional as F

from pcsr_edge.export.graph_builder import GraphBuilder
from pcsr_edge.export.phase_base import bilinear_kernel, write_base, write_sum


@pytest.mark.parametrize("scale", [2, 3, 4, 5])
@pytest.mark.parametrize("size", [(9, 13), (1, 1), (2, 1)])
def test_the_base_is_bilinear_up_to_the_edges(scale: int, size: Any, run: Run) -> None:
    image = np.random.RandomState(0).uniform(size=(1, 3, *size)).astype(np.float32)
    builder = GraphBuilder("base", "fp32")
    builder.input("image", TensorProto.FLOAT, [1, 3, "h", "w"])
    zero = builder.weight("zero", np.zeros((1, 3 * scale**2, 1, 1)))
    write_sum(builder, zero, write_base(builder, "image", scale), scale)
    phases = torch.from_numpy(run(builder.build({}), {"image": image})["phases"])
    expected = F.interpolate(torch.from_numpy(image), scale_factor=scale, mode="bilinear")
    torch.testing.assert_close(F.pixel_shuffle(phases, scale), expected, atol=1e-6, rtol=1e-6)


def test_the_taps_of_a_phase_add_up_to_one() -> None:
    sums = bilinear_kernel(3).sum(axis=(2, 3)).reshape(3, 9, 3)
    for channel in range(3):
        expected = np.broadcast_to(np.eye(3)[channel], (9, 3))
        np.testing.assert_allclose(sums[channel], expected, atol=1e-6)
