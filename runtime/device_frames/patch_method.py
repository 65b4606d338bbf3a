"""Supernets on a device: what their frames share."""

from __future__ import annotations

from typing import Optional, Tuple

from pcsr_edge.runtime.buckets import PATCH_BUCKETS
from pcsr_edge.runtime.bundle import Bundle
from pcsr_edge.runtime.device_frames.patches import PatchDeviceFrame
from pcsr_edge.runtime.device_frames.workspace import Workspace
from pcsr_edge.runtime.geometry import Axis
from pcsr_edge.runtime.manifest import Manifest
from pcsr_edge.runtime.method import FrameJob, FrameRequest, Method
from pcsr_edge.runtime.patch_table import PatchTable, load_table

ACTIVATIONS = 3
"""Live activations at a time, with those that an engine hands over: counted, not measured."""
RESULTS = 5
"""Copies of a tile by phase: patches with what overlaps, their sum, what is added, rounded ones."""


class PatchDeviceMethod(Method):
    """Runs frames by `PatchDeviceFrame`.

    Args:
        bundle: of the supernet; its table is read when a frame first needs it.
        workspace: engines and buffers.
    """

    def __init__(self, bundle: Bundle, workspace: Workspace) -> None:
        self._bundle, self._workspace = bundle, workspace
        self._table: Optional[PatchTable] = None

    def frame(self, request: FrameRequest) -> FrameJob:
        """Prepare a frame.

        Raises:
            UsageError: the method cannot do what was asked for.
            BundleError: the bundle has no table, or not its own.
        """
        manifest = self._bundle.manifest
        checked = PatchDeviceFrame.checked(manifest, request)
        if self._table is None and checked.force_class is None:
            self._table = load_table(self._bundle)
        return PatchDeviceFrame(manifest, self._workspace, checked, self._table)

    def tile_bytes(self, axes: Tuple[Axis, Axis], side: int) -> int:
        """Return the most bytes of the device's memory that a tile takes."""
        return patch_device_bytes(self._bundle.manifest, axes, side)

    def close(self) -> None:
        """Release engines and buffers."""
        self._workspace.close()


def patch_device_bytes(manifest: Manifest, axes: Tuple[Axis, Axis], side: int) -> int:
    """Return the bytes that a tile of `side` cells takes: patches of a batch, and the tile."""
    assert isinstance(manifest.scale, int)
    patch, halo = manifest.patch, manifest.receptive_field
    cells = 1
    for axis in axes:
        cells *= min(axis.n_lr, max(side, patch) + 2 * patch)
    batch = PATCH_BUCKETS[-1] * (patch + 2 * halo) ** 2
    floats = ACTIVATIONS * manifest.activation_floats_per_cell * batch
    return 4 * (floats + RESULTS * 3 * manifest.scale**2 * cells)
