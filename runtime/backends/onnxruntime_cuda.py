"""ONNX Runtime on an NVIDIA GPU, on arrays that stay there."""

from __future__ import annotations

import contextlib
import io
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Dict, List, Mapping

import numpy as np

from pcsr_edge.errors import BackendUnavailableError, EngineError
from pcsr_edge.installation import advice, is_board
from pcsr_edge.runtime.cuda_device import CudaDevice, first_line
from pcsr_edge.runtime.device import Device
from pcsr_edge.runtime.device_engine import DeviceEngine
from pcsr_edge.runtime.engine import Array, Arrays, Backend, Engine
from pcsr_edge.runtime.interruption import interrupts_held

if TYPE_CHECKING:
    import onnxruntime

PROVIDER = "CUDAExecutionProvider"
GPU_BUILD = "pip uninstall -y onnxruntime onnxruntime-gpu && pip install onnxruntime-gpu"
LIBRARIES = 'pip install "onnxruntime-gpu[cuda,cudnn]"'
BUILD_OF_BOARD = (
    "give NVIDIA's build for this JetPack to the set-up script: --gpu-wheel FILE "
    "(docs/platforms of the sources)"
)
"""The index has none for ARM, and what is there must not go before the other has come."""
PROBE = bytes.fromhex(
    "08083a330a0c0a0178120179220452656c751201705a0f0a0178120a0a08080112040a020801"
    "620f0a0179120a0a08080112040a02080142040a001011"
)
"""An ONNX file of one Relu: whether a session really is on the GPU shows only when one is made."""
EXACT = {"use_tf32": "0"}
"""Option of the provider: products of float32 are those of float32. Without it they are rounded to
10 bits on GPUs from Ampere on. ONNX Runtime knows it from 1.18 on."""
_TYPES = {
    "tensor(float)": np.dtype(np.float32),
    "tensor(float16)": np.dtype(np.float16),
    "tensor(int32)": np.dtype(np.int32),
}


class BoundEngine(DeviceEngine):
    """A session whose inputs and outputs lie in a device's memory; nothing is copied.

    Args:
        session: on `device`, and on its stream.
        run_options: shared by all engines of a backend.
        device: where the arrays live.
    """

    def __init__(
        self,
        session: onnxruntime.InferenceSession,
        run_options: onnxruntime.RunOptions,
        device: Device,
    ) -> None:
        super().__init__(device)
        self._session, self._run_options = session, run_options
        self._outputs: List[str] = [output.name for output in session.get_outputs()]

    def enqueue(self, inputs: Arrays) -> Dict[str, Array]:
        """Queue one run; see `DeviceEngine.enqueue`."""
        place, pointer = (self.device.kind, self.device.index), self.device.pointer
        binding = self._session.io_binding()
        try:
            for name, array in inputs.items():
                binding.bind_input(
                    name, *place, array.dtype.type, list(array.shape), pointer(array)
                )
            for name in self._outputs:
                # Made by ONNX Runtime, which alone knows the shapes.
                binding.bind_output(name, *place)
            self._session.run_with_iobinding(binding, self._run_options)
        except Exception as exc:
            raise EngineError(
                f"onnxruntime failed while it ran a graph on {self.device.name}: {first_line(exc)}"
            ) from exc
        return {
            name: self.device.wrap(
                value.data_ptr(), tuple(value.shape()), _TYPES[value.data_type()], value
            )
            for name, value in zip(self._outputs, binding.get_outputs())
        }

    def close(self) -> None:
        """Release the session and the memory that its arena keeps."""
        self.device.synchronize()
        self._session = None


class OnnxRuntimeCudaBackend(Backend):
    """Makes sessions on one GPU, on the stream of its arrays.

    Args:
        index: number of the GPU.

    Raises:
        BackendUnavailableError: no ONNX Runtime for CUDA, no CuPy, no GPU of that number, or
            ONNX Runtime does not start there.
    """

    name = "onnxruntime-cuda"
    device: Device

    def __init__(self, index: int) -> None:
        self._onnxruntime = load_onnxruntime()
        self.device = CudaDevice(index)
        self._run_options = self._onnxruntime.RunOptions()
        self._run_options.log_severity_level = 4
        # What follows is queued on the same stream.
        self._run_options.add_run_config_entry("disable_synchronize_execution_providers", "1")
        try:
            with interrupts_held():
                probe = open_session(self._onnxruntime, PROBE, self.device)
        except BackendUnavailableError:
            raise
        except EngineError as exc:
            # Not the graph's fault, which every backend runs.
            raise BackendUnavailableError(str(exc)) from exc
        known = probe.get_provider_options()[PROVIDER]
        # Options that ONNX Runtime does not know make it take the processor.
        self._choice = {name: value for name, value in EXACT.items() if name in known}

    def load(self, graph: bytes, threads: int) -> Engine:
        """Compile `graph`; see `Backend.load`.

        Raises:
            BackendUnavailableError: ONNX Runtime would run it on the processor.
            EngineError: the graph cannot be compiled.
        """
        with interrupts_held():
            session = open_session(self._onnxruntime, graph, self.device, self._choice)
        return BoundEngine(session, self._run_options, self.device)

    def cancel(self) -> None:
        """Let every session stop before its next operator."""
        self._run_options.terminate = True


def load_onnxruntime() -> Any:
    """Import `onnxruntime`.

    Raises:
        BackendUnavailableError: it is not installed, or a build for the processor alone.
    """
    try:
        with interrupts_held():
            import onnxruntime
    except ImportError as exc:
        raise BackendUnavailableError(
            f"onnxruntime cannot be imported ({first_line(exc)}); {_mend(GPU_BUILD)}"
        ) from exc
    if PROVIDER not in onnxruntime.get_available_providers():
        raise BackendUnavailableError(
            f"this build of onnxruntime ({onnxruntime.__version__}) knows no CUDA; "
            f"{_mend(GPU_BUILD)}"
        )
    return onnxruntime


def _mend(command: str) -> str:
    return BUILD_OF_BOARD if is_board() else advice(command)


def open_session(
    onnxruntime: Any,
    graph: bytes,
    device: Device,
    more: Mapping[str, str] = MappingProxyType({}),
) -> onnxruntime.InferenceSession:
    """Compile a graph for a GPU, and make sure that it runs there.

    Args:
        onnxruntime: the module.
        graph: ONNX file.
        device: the GPU.
        more: options of the provider beside device and stream; all must be known to it.

    Raises:
        BackendUnavailableError: ONNX Runtime took the processor, as it does without an error
            where CUDA or cuDNN do not load.
        EngineError: the graph cannot be compiled.
    """
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    place = {"device_id": str(device.index), "user_compute_stream": str(device.stream)}
    choice = {**place, **more}
    try:
        # Where CUDA fails, it tells so on stdout, where our results go, and takes the processor.
        with contextlib.redirect_stdout(io.StringIO()):
            session = onnxruntime.InferenceSession(graph, options, providers=[(PROVIDER, choice)])
    except Exception as exc:
        raise EngineError(
            f"onnxruntime cannot compile a graph for {device.name}: {first_line(exc)}"
        ) from exc
    if PROVIDER not in session.get_providers():
        raise BackendUnavailableError(
            f"onnxruntime {onnxruntime.__version__} does not start on {device.name}: CUDA or cuDNN "
            f"of the version it was built for is missing; {_mend(LIBRARIES)}"
        )
    return session
