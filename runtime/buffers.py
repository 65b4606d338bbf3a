"""Memory for arrays whose sizes come again and again, as with frames of video.

Large arrays come fresh from the system, page by page, and go back to it; where frames follow each
other that is time for nothing. What `Buffers` hands out is used again as soon as nobody holds the
array or a view of it any more.
"""

from __future__ import annotations

import math
import weakref
from collections import deque
from typing import Any, Deque, Protocol, Tuple

import numpy as np
import numpy.typing as npt

Shape = Tuple[int, ...]


class Allocator(Protocol):
    """Makes arrays."""

    def empty(self, shape: Shape, dtype: Any) -> npt.NDArray[Any]:
        """Return an array of any content."""

    def zeros(self, shape: Shape, dtype: Any) -> npt.NDArray[Any]:
        """Return an array of zeros."""


class Fresh:
    """Takes new memory for every array."""

    def empty(self, shape: Shape, dtype: Any) -> npt.NDArray[Any]:
        """Return an array of any content."""
        return np.empty(shape, dtype)

    def zeros(self, shape: Shape, dtype: Any) -> npt.NDArray[Any]:
        """Return an array of zeros."""
        return np.zeros(shape, dtype)


FRESH = Fresh()


class ByPlane:
    """Lays pictures out channel by channel.

    What is made of phases, and goes to planes of video, never takes every third value then, for
    which NumPy is several times as slow.

    Args:
        memory: that they lie in.
    """

    def __init__(self, memory: Allocator) -> None:
        self._memory = memory

    def empty(self, shape: Shape, dtype: Any) -> npt.NDArray[Any]:
        """Return an array of any content; of a picture (h, w, 3), channels are contiguous."""
        if len(shape) != 3:
            return self._memory.empty(shape, dtype)
        planes = self._memory.empty((shape[2], shape[0], shape[1]), dtype)
        return planes.transpose(1, 2, 0)

    def zeros(self, shape: Shape, dtype: Any) -> npt.NDArray[Any]:
        """Return an array of zeros, likewise."""
        out = self.empty(shape, dtype)
        out.fill(0)
        return out


class Buffers:
    """Takes memory that was given back, as far as there is some of the size.

    Arrays may be dropped in any thread, and are taken in any.

    Args:
        most: pieces of memory that are kept while nobody uses them; older ones go.
    """

    def __init__(self, most: int = 32) -> None:
        self._free: Deque[bytearray] = deque(maxlen=most)
        self.made = 0
        """How often memory had to be taken from the system."""

    def empty(self, shape: Shape, dtype: Any) -> npt.NDArray[Any]:
        """Return an array of any content, of at least one item."""
        memory = self._taken(math.prod(shape) * np.dtype(dtype).itemsize)
        root = np.frombuffer(memory, dtype)
        # Views of an array hold it, since what it lies in is no array: it lives while they do.
        weakref.finalize(root, self._free.append, memory).atexit = False
        return root.reshape(shape)

    def zeros(self, shape: Shape, dtype: Any) -> npt.NDArray[Any]:
        """Return an array of zeros, of at least one item."""
        out = self.empty(shape, dtype)
        out.fill(0)
        return out

    def _taken(self, size: int) -> bytearray:
        for _ in range(len(self._free)):
            try:
                memory = self._free.popleft()
            except IndexError:
                # Another thread was quicker.
                break
            if len(memory) == size:
                return memory
            self._free.append(memory)
        self.made += 1
        return bytearray(size)
