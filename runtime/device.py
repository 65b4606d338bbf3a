"""Where the arrays of a frame live, and what moves them there and back.

A frame on a device stays there from its pixels to the pixels of its result. `HostDevice` is host
memory in the same clothes: with it, what runs on a GPU runs in NumPy as well, and is tested there.
"""

from __future__ import annotations

import ctypes
from abc import ABC, abstractmethod
from contextlib import nullcontext
from typing import Any, Callable, ContextManager, Optional, Tuple

import numpy as np
import numpy.typing as npt

DeviceArray = Any
"""An array of the device's library; NumPy's interface."""
Fetched = Callable[[], npt.NDArray[Any]]
"""Waits until a copy has arrived, and returns it; the array belongs to the caller."""


class Device(ABC):
    """One device and one stream of work on it."""

    xp: Any
    """Its array library."""
    kind: str
    """As ONNX Runtime names it: `cpu` or `cuda`."""
    index: int
    """Number among devices of the kind."""
    stream: int
    """Handle of the stream that everything is queued on, 0 where there is none."""
    name: str
    """Of the hardware."""
    capability: str
    """Compute capability, e.g. `7.2`; empty where there is none."""

    @abstractmethod
    def active(self) -> ContextManager[None]:
        """Make device and stream current in this thread, for one thread at a time.

        Raises:
            EngineError: the device failed, or its memory is full, inside the body.
        """

    @abstractmethod
    def upload(self, array: npt.NDArray[Any], into: Optional[DeviceArray] = None) -> DeviceArray:
        """Copy an array to the device, into a given one where there is one."""

    @abstractmethod
    def fetch(self, array: DeviceArray) -> Fetched:
        """Queue a copy to host memory; the device's array may change afterwards."""

    @abstractmethod
    def pointer(self, array: DeviceArray) -> int:
        """Return the address of an array's first value."""

    @abstractmethod
    def wrap(self, pointer: int, shape: Tuple[int, ...], dtype: Any, owner: object) -> DeviceArray:
        """Return memory that `owner` holds as an array."""

    @abstractmethod
    def free_bytes(self) -> Optional[int]:
        """Return how much memory is free; None where that is not known."""

    @abstractmethod
    def record(self, work: Callable[[], None]) -> Callable[[], None]:
        """Record what `work` queues, without doing it; the result queues it again and again.

        Raises:
            EngineError: it cannot be recorded.
        """

    @abstractmethod
    def synchronize(self) -> None:
        """Wait until everything that was queued is done."""


class HostDevice(Device):
    """Host memory as a device: arrays are NumPy's, and nothing is queued."""

    kind, index, stream, name, capability = "cpu", 0, 0, "host", ""

    def __init__(self) -> None:
        self.xp = np

    def active(self) -> ContextManager[None]:
        """Do nothing."""
        return nullcontext()

    def upload(self, array: npt.NDArray[Any], into: Optional[DeviceArray] = None) -> DeviceArray:
        """Copy an array."""
        if into is None:
            return np.array(array, order="C")
        into[...] = array
        return into

    def fetch(self, array: DeviceArray) -> Fetched:
        """Copy an array."""
        copy = array.copy()
        return lambda: copy

    def pointer(self, array: DeviceArray) -> int:
        """Return the address of an array's first value."""
        return int(array.ctypes.data)

    def wrap(self, pointer: int, shape: Tuple[int, ...], dtype: Any, owner: object) -> DeviceArray:
        """Return memory that `owner` holds as an array."""
        size = int(np.prod(shape)) * np.dtype(dtype).itemsize
        memory = (ctypes.c_char * size).from_address(pointer)
        memory.owner = owner
        return np.frombuffer(memory, dtype).reshape(shape)

    def free_bytes(self) -> Optional[int]:
        """Return None: `runtime.memory` knows."""
        return None

    def record(self, work: Callable[[], None]) -> Callable[[], None]:
        """Return the work."""
        return work

    def synchronize(self) -> None:
        """Do nothing."""
