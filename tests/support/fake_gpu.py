"""A machine with a GPU, made of fakes."""

from __future__ import annotations

import sys
from typing import Any, List

import pytest

from support.fake_cupy import GRAPH_LAUNCHES, Stream, fake_cupy
from support.fake_tensorrt import FakeTensorrt


class FakeGPU:
    """Lets `import cupy` and `import tensorrt` find the fakes.

    Args:
        patch: takes them away again.
        version: of TensorRT; None leaves it missing.
        **cupy: see `fake_cupy`.
    """

    def __init__(self, patch: pytest.MonkeyPatch, version: Any = "8.5.2.2", **cupy: Any) -> None:
        Stream.by_handle.clear()
        Stream.can_record = True
        GRAPH_LAUNCHES.clear()
        self.said: List[str] = []
        patch.setitem(sys.modules, "cupy", fake_cupy(**cupy))
        patch.setitem(sys.modules, "tensorrt", None)
        if version is not None:
            self.tensorrt = FakeTensorrt(version)
            patch.setitem(sys.modules, "tensorrt", self.tensorrt.module)

    @property
    def text(self) -> str:
        """All that was said."""
        return "\n".join(self.said)
