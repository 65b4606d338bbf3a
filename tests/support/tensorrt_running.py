"""What a fake `tensorrt` does to run engines: ONNX Runtime, on the memory at given addresses."""

from __future__ import annotations

import ctypes
import json
import weakref
from typing import TYPE_CHECKING, Any, Dict, List, Tuple

import numpy as np
import onnxruntime

from support.fake_cupy import Stream

if TYPE_CHECKING:
    from support.fake_tensorrt import FakeTensorrt

ONNX_TYPES = {
    "tensor(float)": ("FLOAT", np.float32),
    "tensor(float16)": ("HALF", np.float16),
    "tensor(int32)": ("INT32", np.int32),
    "tensor(int8)": ("INT8", np.int8),
}


class Dims:
    """Shapes as TensorRT gives them: a sequence without an iterator."""

    def __init__(self, shape: Tuple[int, ...]) -> None:
        self._shape = shape

    def __len__(self) -> int:
        return len(self._shape)

    def __getitem__(self, index: int) -> int:
        return self._shape[index]


class Runtime:
    def __init__(self, fake: FakeTensorrt, log: Any) -> None:
        if fake.faults.cuda_dead:
            raise TypeError("pybind11::init(): factory function returned nullptr")
        self.fake = fake
        fake.listen(log)

    def deserialize_cuda_engine(self, serialized_engine: bytes) -> Any:
        head, _, onnx = bytes(serialized_engine).partition(b"\n")
        try:
            plan = json.loads(head.decode())
        except ValueError:
            self.fake.complain("Error Code 1: Serialization (magicTag does not match)")
            return None
        if plan["version"] != self.fake.version:
            text = f"Serialized engine version {plan['version']} is not {self.fake.version}"
            self.fake.complain(text)
            return None
        return self.fake.make("ICudaEngine", plan["ranges"], onnx)


class Engine:
    def __init__(self, fake: FakeTensorrt, ranges: Any, onnx: bytes) -> None:
        self.fake, self.ranges = fake, ranges
        self.session = session_of(onnx)
        self.tensors = [*self.session.get_inputs(), *self.session.get_outputs()]
        self.contexts: weakref.WeakSet[Any] = weakref.WeakSet()

    @property
    def num_io_tensors(self) -> int:
        return len(self.tensors)

    def get_tensor_name(self, index: int) -> str:
        return str(self.tensors[index].name)

    def _tensor(self, name: str) -> Any:
        return next(tensor for tensor in self.tensors if tensor.name == name)

    def get_tensor_dtype(self, name: str) -> Any:
        return self.fake.enums["DataType"][ONNX_TYPES[self._tensor(name).type][0]]

    def get_tensor_mode(self, name: str) -> Any:
        inputs = {tensor.name for tensor in self.session.get_inputs()}
        return self.fake.enums["TensorIOMode"]["INPUT" if name in inputs else "OUTPUT"]

    def create_execution_context(self) -> Any:
        if self.fake.faults.no_context:
            self.fake.complain("Error Code 2: OutOfMemory (no further information)")
            return None
        # Up to 8.6 the contexts of an engine cannot share a profile.
        alone = not self.fake.old or not self.contexts
        context = self.fake.make("IExecutionContext", self, alone)
        self.contexts.add(context)
        return context


class Context:
    def __init__(self, fake: FakeTensorrt, engine: Engine, ready: bool) -> None:
        self.fake, self.engine, self.ready = fake, engine, ready
        self.shapes: Dict[str, Tuple[int, ...]] = {}
        self.places: Dict[str, int] = {}
        self.found: Dict[str, Tuple[int, ...]] = {}

    def set_input_shape(self, name: str, shape: Tuple[int, ...]) -> bool:
        low, _, high = self.engine.ranges[name]
        fits = len(shape) == len(low)
        fits = fits and all(a <= size <= b for a, size, b in zip(low, shape, high))
        if not fits or not self.ready:
            self.fake.complain(f"{name} {shape} is not in {low} to {high}")
            return False
        self.shapes[name], self.found = shape, {}
        return True

    def infer_shapes(self) -> List[str]:
        return [t.name for t in self.engine.session.get_inputs() if t.name not in self.shapes]

    def get_tensor_shape(self, name: str) -> Any:
        if name in self.shapes:
            return Dims(self.shapes[name])
        if not self.found:
            values = run_zeros(self.engine.session, self.shapes)
            names = (t.name for t in self.engine.session.get_outputs())
            self.found = {n: value.shape for n, value in zip(names, values)}
        return Dims(self.found[name])

    def set_tensor_address(self, name: str, memory: int) -> bool:
        assert memory != 0
        self.places[name] = memory
        return True

    def execute_async_v3(self, stream_handle: int) -> bool:
        if self.fake.faults.run:
            self.fake.complain("Error Code 1: Cuda Runtime (an illegal access)")
            return False
        if {t.name for t in self.engine.tensors} != set(self.places):
            self.fake.complain("an address is missing")
            return False
        # What is recorded keeps the addresses of now.
        places, shapes = dict(self.places), dict(self.shapes)
        Stream.by_handle[stream_handle].run(lambda: self._compute(places, shapes))
        return True

    def _compute(self, places: Dict[str, int], shapes: Dict[str, Tuple[int, ...]]) -> None:
        self.fake.runs += 1
        session = self.engine.session
        inputs = {
            t.name: _memory(places[t.name], shapes[t.name], ONNX_TYPES[t.type][1]).copy()
            for t in session.get_inputs()
        }
        for tensor, value in zip(session.get_outputs(), session.run(None, inputs)):
            _memory(places[tensor.name], value.shape, value.dtype)[...] = value


def _memory(place: int, shape: Tuple[int, ...], dtype: Any) -> Any:
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    return np.frombuffer((ctypes.c_char * size).from_address(place), dtype).reshape(shape)


def run_zeros(session: Any, shapes: Dict[str, Tuple[int, ...]]) -> Any:
    inputs = {t.name: np.zeros(shapes[t.name], ONNX_TYPES[t.type][1]) for t in session.get_inputs()}
    return session.run(None, inputs)


def session_of(onnx: bytes) -> Any:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(onnx, options, providers=["CPUExecutionProvider"])
