"""A GPU of NVIDIA's, through CuPy. Nothing here was ever run on one: see docs/engines.md."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import Any, Callable, Iterator, Optional, Tuple

import numpy as np
import numpy.typing as npt

from pcsr_edge.errors import BackendUnavailableError, EngineError
from pcsr_edge.installation import advice, install_command
from pcsr_edge.runtime.device import Device, DeviceArray, Fetched
from pcsr_edge.runtime.interruption import interrupts_held
from pcsr_edge.runtime.memory import available_bytes


def load_cupy() -> Any:
    """Import CuPy.

    Raises:
        BackendUnavailableError: it is not installed, or does not find its libraries.
    """
    try:
        with interrupts_held():
            import cupy
    except ImportError as exc:
        raise BackendUnavailableError(
            f"CuPy, which holds the pictures on the GPU, cannot be imported ({first_line(exc)}); "
            f"{advice(install_command('gpu'))}"
        ) from exc
    return cupy


class CudaDevice(Device):
    """One GPU and one stream on it.

    Memory comes from CuPy's pool: what was freed is given out again in the order of the stream.

    Args:
        index: number of the GPU.

    Raises:
        BackendUnavailableError: no CuPy, no driver, no GPU of that number, or CuPy can compile
            nothing for it.
    """

    kind = "cuda"

    def __init__(self, index: int = 0) -> None:
        self.xp = load_cupy()
        self._runtime = self.xp.cuda.runtime
        self.index = index
        self._lock = threading.RLock()
        full = self.xp.cuda.memory.OutOfMemoryError
        self._no_gpu = (self._runtime.CUDARuntimeError, full)
        try:
            self._open()
        except self._no_gpu as exc:
            raise BackendUnavailableError(
                f"no NVIDIA GPU can be used ({first_line(exc)}); what its driver lacks, says: "
                "nvidia-smi"
            ) from exc

    def _open(self) -> None:
        self._check_index()
        properties = self._runtime.getDeviceProperties(self.index)
        self.name = properties["name"].decode()
        self.capability = f"{properties['major']}.{properties['minor']}"
        self._integrated = bool(properties["integrated"])
        with self.xp.cuda.Device(self.index):
            # The first that needs memory there: it fails where the GPU is full or taken.
            self._stream = self.xp.cuda.Stream(non_blocking=True)
        self.stream = int(self._stream.ptr)
        self._check_kernels()

    def _check_kernels(self) -> None:
        """Run one tiny kernel: CuPy compiles its own when they are first asked for."""
        try:
            with self.xp.cuda.Device(self.index), self._stream:
                self.xp.arange(2)
                self._stream.synchronize()
        except self._no_gpu:
            raise
        # What is missing shows as an error of the loader, the compiler or the driver.
        except Exception as exc:
            raise BackendUnavailableError(
                f"CuPy cannot run a kernel on {self.name} ({first_line(exc)}); it needs NVRTC "
                "(libnvrtc) and the headers of the CUDA toolkit, of the CUDA version that CuPy "
                "was built for: install them"
            ) from exc

    def _check_index(self) -> None:
        count = self._runtime.getDeviceCount()
        if self.index >= count:
            known = f"GPUs 0 to {count - 1}" if count > 1 else "GPU 0 alone"
            raise BackendUnavailableError(
                f"there is no GPU {self.index}, this machine has {known if count else 'none'}; "
                "list them with: nvidia-smi -L"
            )

    @contextmanager
    def active(self) -> Iterator[None]:
        """Make device and stream current; errors of CUDA become ours."""
        with self._lock, self.xp.cuda.Device(self.index), self._stream:
            try:
                yield
            except self.xp.cuda.memory.OutOfMemoryError as exc:
                raise EngineError(
                    f"the memory of {self.name} is full ({first_line(exc)}); take smaller tiles: "
                    "--memory-limit 512MiB"
                ) from exc
            except (RuntimeError, self.xp.cuda.compiler.CompileException) as exc:
                if not self._is_of_cuda(exc):
                    raise
                raise EngineError(f"CUDA failed on {self.name}: {first_line(exc)}") from exc

    def _is_of_cuda(self, error: Exception) -> bool:
        cuda = self.xp.cuda
        kinds = (
            cuda.compiler.CompileException,
            cuda.driver.CUDADriverError,
            self._runtime.CUDARuntimeError,
        )
        # A library that is missing is a bare RuntimeError.
        return isinstance(error, kinds) or "nvrtc" in str(error).lower()

    def upload(self, array: npt.NDArray[Any], into: Optional[DeviceArray] = None) -> DeviceArray:
        """Queue a copy to the device; `array` may change on return."""
        # CUDA has taken what lies in ordinary memory before the call returns.
        target = self.xp.empty(array.shape, array.dtype) if into is None else into
        target.set(np.ascontiguousarray(array), stream=self._stream)
        return target

    def fetch(self, array: DeviceArray) -> Fetched:
        """Queue a copy to pinned memory, without which it would not be queued but waited for."""
        source = self.xp.ascontiguousarray(array)
        memory = self.xp.cuda.alloc_pinned_memory(source.nbytes)
        host = np.frombuffer(memory, source.dtype, source.size).reshape(source.shape)
        self._runtime.memcpyAsync(
            host.ctypes.data,
            source.data.ptr,
            source.nbytes,
            self._runtime.memcpyDeviceToHost,
            self.stream,
        )
        arrived = self._stream.record()

        def wait() -> npt.NDArray[Any]:
            arrived.synchronize()
            return host.copy()

        return wait

    def pointer(self, array: DeviceArray) -> int:
        """Return the address of an array's first value."""
        return int(array.data.ptr)

    def wrap(self, pointer: int, shape: Tuple[int, ...], dtype: Any, owner: object) -> DeviceArray:
        """Return memory that `owner` holds as an array."""
        cuda, size = self.xp.cuda, int(np.prod(shape)) * np.dtype(dtype).itemsize
        memory = cuda.UnownedMemory(pointer, size, owner, self.index)
        return self.xp.ndarray(shape, dtype, cuda.MemoryPointer(memory, 0))

    def free_bytes(self) -> Optional[int]:
        """Return how much memory is free, on a Jetson shared with the processor."""
        with self.xp.cuda.Device(self.index):
            free = int(self._runtime.memGetInfo()[0])
        if not self._integrated:
            return free
        # CUDA counts files that Linux keeps in memory as taken, and gives them up when asked.
        return max(free, available_bytes() or 0)

    def record(self, work: Callable[[], None]) -> Callable[[], None]:
        """Record a CUDA graph."""
        try:
            self._stream.begin_capture()
            try:
                work()
            finally:
                graph = self._stream.end_capture()
        except self._runtime.CUDARuntimeError as exc:
            raise EngineError(f"CUDA cannot record a graph: {first_line(exc)}") from exc
        return lambda: graph.launch(self._stream)

    def synchronize(self) -> None:
        """Wait until everything that was queued is done."""
        self._stream.synchronize()


def first_line(error: BaseException) -> str:
    """Return the first line of a foreign error's text, else its kind."""
    return str(error).splitlines()[0] if str(error) else type(error).__name__
