"""What frames of one method share on a device: its engines, and buffers that stay."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Callable, Dict, Hashable, List, Mapping, Tuple, TypeVar

import numpy as np

from pcsr_edge.errors import EngineError
from pcsr_edge.runtime.device import Device, DeviceArray, Fetched
from pcsr_edge.runtime.device_engine import DeviceEngine
from pcsr_edge.runtime.engine import Array, Arrays

MOST_KEPT = 4
"""Of what is worked out per shape of a tile."""
T = TypeVar("T")


class Workspace:
    """Engines and buffers on one device; one frame at a time uses them.

    Buffers keep their addresses from frame to frame: so engines can replay what they recorded.

    Args:
        device: where everything lives.
        engines: graph → engine.
    """

    def __init__(self, device: Device, engines: Mapping[str, DeviceEngine]) -> None:
        self.device, self.engines = device, engines
        self._buffers: Dict[str, DeviceArray] = {}
        self._known: OrderedDict[Hashable, Any] = OrderedDict()
        self._finite: List[Tuple[str, DeviceArray]] = []

    def run(self, graph: str, inputs: Arrays) -> Dict[str, Array]:
        """Queue an engine; whether its outputs are finite is asked by `check_finite`."""
        outputs = self.engines[graph].enqueue(inputs)
        for name, array in outputs.items():
            self._finite.append(
                (
                    f"{graph} gave NaN or infinity in its output {name}",
                    self.device.xp.isfinite(array).all(),
                )
            )
        return outputs

    def buffer(self, name: str, shape: Tuple[int, ...], dtype: Any) -> DeviceArray:
        """Return the buffer of that name, with what was left in it."""
        found = self._buffers.get(name)
        if found is None or found.shape != shape or found.dtype != dtype:
            found = self._buffers[name] = self.device.xp.empty(shape, dtype)
        return found

    def known(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what was made for `key` lately, or make it."""
        if key not in self._known:
            self._known[key] = make()
            while len(self._known) > MOST_KEPT:
                self._known.popitem(last=False)
        self._known.move_to_end(key)
        value: T = self._known[key]
        return value

    def begin(self) -> None:
        """Begin a frame: forget what an earlier one left to be checked."""
        self._finite.clear()
        for engine in self.engines.values():
            engine.begin()

    def finite(self) -> Fetched:
        """Queue the question whether all outputs of the engines were finite."""
        if not self._finite:
            # Of a supernet interpolation alone may have run.
            return lambda: np.empty(0, dtype=np.bool_)
        return self.device.fetch(self.device.xp.stack([flag for _, flag in self._finite]))

    def check_finite(self, answer: Fetched) -> None:
        """Refuse the frame where they were not: NaN would become black or vanish in a ReLU.

        Raises:
            NotFiniteError: an engine gave NaN or infinity.
        """
        for (text, _), fine in zip(self._finite, answer()):
            if not fine:
                raise NotFiniteError(
                    f"the graph {text}; with float16 graphs take precision fp32, otherwise "
                    "export or train the model again"
                )

    def close(self) -> None:
        """Release engines and buffers."""
        for engine in self.engines.values():
            engine.close()
        self._buffers.clear()
        self._known.clear()


class NotFiniteError(EngineError):
    """An engine gave NaN or infinity."""
