"""A thin CuPy on NumPy, as strict as the real one where code is easily wrong.

Arrays of the two libraries do not mix, nothing becomes a NumPy array by itself, and there is
nothing but what our code uses. Every name here was found in CuPy 13.6.
"""

from __future__ import annotations

import ctypes
from contextlib import contextmanager
from types import ModuleType, SimpleNamespace
from typing import Any, Callable, ClassVar, Dict, Iterator, List, Optional

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

FUNCTIONS = (
    *("add", "arange", "argmax", "argsort", "ascontiguousarray", "bincount", "clip", "copyto"),
    *("empty", "exp", "full", "isfinite", "maximum", "minimum", "multiply", "reciprocal", "stack"),
    *("subtract", "zeros"),
)
METHODS = (
    *("all", "any", "argmax", "astype", "copy", "max", "min", "ravel", "repeat", "reshape"),
    *("sum", "take", "transpose", "view"),
)


class ndarray(NDArrayOperatorsMixin):  # noqa: N801
    """An array of the fake device."""

    __module__ = "cupy"

    def __init__(self, shape: Any, dtype: Any = float, memptr: Any = None) -> None:
        self._host = np.empty(shape, dtype)
        if memptr is not None:
            size = self._host.nbytes
            memory = (ctypes.c_char * size).from_address(memptr.ptr)
            memory.owner = memptr
            self._host = np.frombuffer(memory, dtype).reshape(shape)

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise TypeError("Implicit conversion to a NumPy array is not allowed.")

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        if method != "__call__":
            raise TypeError(f"{ufunc.__name__}.{method} is not there")
        return _wrapped(ufunc(*map(_own, inputs), **{n: _own(v) for n, v in options.items()}))

    def __getattr__(self, name: str) -> Any:
        if name in METHODS:
            return _wrapping(getattr(self._host, name))
        raise AttributeError(f"the fake of CuPy has no ndarray.{name}")

    shape = property(lambda self: self._host.shape)
    dtype = property(lambda self: self._host.dtype)
    size = property(lambda self: self._host.size)
    nbytes = property(lambda self: self._host.nbytes)
    ndim = property(lambda self: self._host.ndim)
    itemsize = property(lambda self: self._host.itemsize)
    strides = property(lambda self: self._host.strides)
    flags = property(lambda self: SimpleNamespace(c_contiguous=self._host.flags.c_contiguous))
    data = property(lambda self: SimpleNamespace(ptr=self._host.ctypes.data))

    def __len__(self) -> int:
        return len(self._host)

    def __float__(self) -> float:
        return float(self._host)

    def __getitem__(self, index: Any) -> Any:
        return _wrapped(self._host[_own(index)])

    def __setitem__(self, index: Any, value: Any) -> None:
        self._host[_own(index)] = _own(value)

    def get(self) -> Any:
        return self._host.copy()

    def set(self, array: Any, stream: Any = None) -> None:
        if not isinstance(array, np.ndarray) or not array.flags.c_contiguous:
            raise TypeError("expected a contiguous NumPy array")
        if array.shape != self.shape or array.dtype != self.dtype:
            raise ValueError("shape or dtype mismatch")
        self._host[...] = array


def _wrapped(value: Any) -> Any:
    # Of NumPy a sum is a number, of CuPy an array without dimensions.
    if not isinstance(value, (np.ndarray, np.generic)):
        return value
    made = ndarray.__new__(ndarray)
    made._host = np.asarray(value)
    return made


def _own(value: Any) -> Any:
    if isinstance(value, ndarray):
        return value._host
    if isinstance(value, np.ndarray):
        raise TypeError("Unsupported type <class 'numpy.ndarray'>")
    if isinstance(value, (tuple, list)):
        return type(value)(map(_own, value))
    return value


def _wrapping(function: Callable[..., Any]) -> Callable[..., Any]:
    def call(*args: Any, **options: Any) -> Any:
        return _wrapped(function(*map(_own, args), **{n: _own(v) for n, v in options.items()}))

    return call


class CUDARuntimeError(RuntimeError):
    """As CuPy raises it."""


class CUDADriverError(RuntimeError):
    """As CuPy raises it."""


class CompileException(Exception):  # noqa: N818
    """As CuPy raises it, with the lines of the compiler."""


class OutOfMemoryError(MemoryError):
    """As CuPy raises it."""


class Stream:
    """Runs everything at once, but for what is recorded."""

    by_handle: ClassVar[Dict[int, Stream]] = {}
    can_record = True

    def __init__(self, null: bool = False, non_blocking: bool = False) -> None:
        self.ptr = id(self)
        self.recorded: Optional[List[Callable[[], None]]] = None
        self.by_handle[self.ptr] = self

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_: Any) -> None:
        return None

    def run(self, work: Callable[[], None]) -> None:
        """Take work from a library that got the handle."""
        if self.recorded is None:
            work()
        else:
            self.recorded.append(work)

    def record(self) -> Any:
        return SimpleNamespace(synchronize=lambda: None)

    def synchronize(self) -> None:
        return None

    def begin_capture(self) -> None:
        if not self.can_record:
            raise CUDARuntimeError("cudaErrorStreamCaptureUnsupported: not permitted")
        self.recorded = []

    def end_capture(self) -> Any:
        work, self.recorded = self.recorded or [], None

        def launch(stream: Stream) -> None:
            GRAPH_LAUNCHES.append(len(work))
            for each in work:
                each()

        return SimpleNamespace(launch=launch)


GRAPH_LAUNCHES: List[int] = []
"""How many calls each launched graph held."""


def fake_cupy(
    count: int = 1,
    name: str = "Xavier",
    capability: str = "7.2",
    free: int = 2**33,
    integrated: bool = False,
) -> Any:
    """Return the module, of a machine with `count` equal GPUs; -1 has no driver.

    An integrated one shares the memory of the machine, of which it sees `free` bytes.
    """
    major, minor = map(int, capability.split("."))

    def device_count() -> int:
        if count < 0:
            raise CUDARuntimeError("cudaErrorInsufficientDriver: the driver is too old")
        return count

    @contextmanager
    def device(index: int) -> Iterator[None]:
        assert 0 <= index < count
        yield

    def copy(target: int, source: int, size: int, kind: int, stream: int) -> None:
        assert kind == 2
        assert stream in Stream.by_handle
        ctypes.memmove(target, source, size)

    module: Any = ModuleType("cupy")
    for function in FUNCTIONS:
        setattr(module, function, _wrapping(getattr(np, function)))
    module.asarray = lambda a: a if isinstance(a, ndarray) else _wrapped(np.array(a))
    module.ndarray = ndarray
    properties = {"name": name.encode(), "major": major, "minor": minor}
    properties["integrated"] = int(integrated)
    runtime = SimpleNamespace(
        CUDARuntimeError=CUDARuntimeError,
        getDeviceCount=device_count,
        getDeviceProperties=lambda index: dict(properties),
        memGetInfo=lambda: (free, free),
        memcpyAsync=copy,
        memcpyDeviceToHost=2,
    )
    module.cuda = SimpleNamespace(
        Device=device,
        MemoryPointer=lambda memory, offset: memory,
        Stream=Stream,
        UnownedMemory=lambda ptr, size, owner, index: SimpleNamespace(ptr=ptr, owner=owner),
        alloc_pinned_memory=bytearray,
        compiler=SimpleNamespace(CompileException=CompileException),
        driver=SimpleNamespace(CUDADriverError=CUDADriverError),
        memory=SimpleNamespace(OutOfMemoryError=OutOfMemoryError),
        runtime=runtime,
    )
    return module
