"""Which frames a bundle has on a device, and what they share."""

from __future__ import annotations

from concurrent.futures import Executor
from typing import Dict, Mapping, Tuple, Type

from pcsr_edge.runtime.buffers import FRESH, Allocator
from pcsr_edge.runtime.bundle import Bundle
from pcsr_edge.runtime.device_engine import DeviceEngine
from pcsr_edge.runtime.device_frames.cascade import CascadeDeviceFrame
from pcsr_edge.runtime.device_frames.edge import EdgeDeviceFrame
from pcsr_edge.runtime.device_frames.frame import DeviceFrame
from pcsr_edge.runtime.device_frames.patch_method import PatchDeviceMethod
from pcsr_edge.runtime.device_frames.pcsr import PCSRDeviceFrame
from pcsr_edge.runtime.device_frames.plain import PlainDeviceFrame
from pcsr_edge.runtime.device_frames.workspace import Workspace
from pcsr_edge.runtime.edge_planes import upscale_planes
from pcsr_edge.runtime.engine import Backend, CheckedEngine
from pcsr_edge.runtime.geometry import Axis
from pcsr_edge.runtime.graph_shapes import GraphShapes
from pcsr_edge.runtime.luma import LumaNetwork
from pcsr_edge.runtime.manifest import Manifest
from pcsr_edge.runtime.method import FrameJob, FrameRequest, Method
from pcsr_edge.runtime.yuv import Yuv, YuvFormat

FRAMES: Mapping[str, Type[DeviceFrame]] = {
    "pcsr": PCSRDeviceFrame,
    "plain": PlainDeviceFrame,
    "cascade": CascadeDeviceFrame,
    "edge-sr": EdgeDeviceFrame,
}
"""Methods whose frames need nothing but the manifest; those of supernets need a table."""
BYTES_PER_QUERY = 128
"""Canvas and what refinement and sorting make beside it: counted, not measured."""
ACTIVATIONS = 3
"""Live activations at a time, with those that an engine hands over: counted, not measured."""


class DeviceMethod(Method):
    """Runs frames on a device.

    Args:
        manifest: of the bundle.
        workspace: engines and buffers.
    """

    def __init__(self, manifest: Manifest, workspace: Workspace) -> None:
        self._manifest, self._workspace = manifest, workspace
        self._kind = FRAMES[manifest.method]

    def frame(self, request: FrameRequest) -> FrameJob:
        """Prepare a frame.

        Raises:
            UsageError: the method cannot do what was asked for.
        """
        checked = self._kind.checked(self._manifest, request)
        return self._kind(self._manifest, self._workspace, checked)

    def tile_bytes(self, axes: Tuple[Axis, Axis], side: int) -> int:
        """Return the most bytes of the device's memory that a tile takes."""
        halo = self._manifest.receptive_field + 1
        cells = queries = 1
        for axis in axes:
            cells *= min(axis.n_lr, side + 2 * halo)
            queries *= min(axis.n_hr, -(-side * axis.n_hr // axis.n_lr) + 2)
        floats = ACTIVATIONS * self._manifest.activation_floats_per_cell
        return 4 * floats * cells + BYTES_PER_QUERY * queries

    def close(self) -> None:
        """Release engines and buffers."""
        self._workspace.close()


class EdgeDeviceMethod(DeviceMethod):
    """Runs planes of video as well; they cross to the device and back block by block.

    Args:
        manifest: of the bundle.
        workspace: engines and buffers.
        threads: blocks that are worked on at once.
        pool: works on the blocks; as many threads.
    """

    def __init__(
        self, manifest: Manifest, workspace: Workspace, threads: int, pool: Executor
    ) -> None:
        super().__init__(manifest, workspace)
        self._threads, self._pool = threads, pool
        shapes = GraphShapes(manifest, "network")
        # Frames have their outputs checked by the workspace, planes do not go through it.
        network = CheckedEngine(workspace.engines["network"], "network", shapes)
        self._network = LumaNetwork(manifest, network)

    def planes(self, frame: Yuv, form: YuvFormat, memory: Allocator = FRESH) -> Yuv:
        """Upscale planes of video; see `upscale_planes`."""
        return upscale_planes(self._network, self._threads, self._pool, frame, form, memory)


def load_device_method(
    bundle: Bundle, backend: Backend, precision: str, threads: int, pool: Executor
) -> Method:
    """Load the graphs of a bundle for the device of `backend`.

    Of a PCSR network these are the general graphs alone: they know every scale, and a GPU gathers
    inside them.

    Raises:
        BundleError: the bundle is damaged or lacks the precision.
        EngineError: a graph cannot be compiled.
    """
    assert backend.device is not None
    engines: Dict[str, DeviceEngine] = {}
    for name in bundle.manifest.graph_names():
        engine = backend.load(bundle.graph(name, precision), 1)
        assert isinstance(engine, DeviceEngine)
        engines[name] = engine
    workspace = Workspace(backend.device, engines)
    if bundle.manifest.by_patch:
        return PatchDeviceMethod(bundle, workspace)
    if bundle.manifest.method == "edge-sr":
        return EdgeDeviceMethod(bundle.manifest, workspace, threads, pool)
    return DeviceMethod(bundle.manifest, workspace)
