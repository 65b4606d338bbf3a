"""Frames on a device: whole tiles at a time, from the pixels of the input to those of the result.

The same steps as in host memory, without strips and bands: a GPU wants few large calls. Written
for any array library with NumPy's interface, and tested with NumPy.
"""

from __future__ import annotations

from pcsr_edge.runtime.device_frames.method import DeviceMethod, load_device_method

__all__ = ["DeviceMethod", "load_device_method"]
