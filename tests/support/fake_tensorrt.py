"""A strict `tensorrt` of any version: it has what the real one has, and refuses the rest.

Which classes, members and signatures there are stands in tests/data/tensorrt_api.json. What they
do is written here after NVIDIA's documentation (what is not known from it is not imitated); an
engine is run by ONNX Runtime on the memory at the addresses that it was given.
"""

from __future__ import annotations

import ctypes
import enum
import json
import weakref
from types import ModuleType, SimpleNamespace
from typing import Any, Dict, Iterator, List, Set, Tuple

import numpy as np
import onnxruntime

from pcsr_edge.runtime.engines.graph import read_graph
from support.fake_cupy import Stream
from support.signatures import bind
from support.tensorrt_facts import load_facts

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


class Faults:
    """What is to go wrong."""

    def __init__(self) -> None:
        self.cuda_dead = self.parse = self.memory = self.mute = False
        self.no_context = self.run = self.timing_mismatch = False


class FakeTensorrt:
    """Makes the module, and remembers what was asked of it.

    Args:
        version: one of `support.tensorrt_facts.VERSIONS`.
    """

    def __init__(self, version: str) -> None:
        self.facts = load_facts()[version]
        self.faults = Faults()
        self.configs: List[Any] = []
        """Every builder configuration, as the builder saw it."""
        self.asked: Set[str] = set()
        """`Class.member` of every call and property."""
        self.runs = 0
        self.version = self.facts["version"]
        self.old = int(version.split(".", maxsplit=1)[0]) < 10
        self.classes: Dict[str, Any] = {}
        self.enums = {n: _enum(n, members) for n, members in self.facts["enums"].items()}
        self.module = self._module()

    def _module(self) -> Any:
        module: Any = ModuleType("tensorrt")
        module.__version__ = self.version
        for name, kind in self.enums.items():
            if "." not in name:
                setattr(module, name, kind)
        behaviours = {
            "Builder": _Builder,
            "IBuilderConfig": _Config,
            "ICudaEngine": _Engine,
            "IExecutionContext": _Context,
            "IHostMemory": _Memory,
            "INetworkDefinition": _Network,
            "IOptimizationProfile": _Profile,
            "ITensor": _Tensor,
            "ITimingCache": _Timings,
            "OnnxParser": _Parser,
            "ParserError": _ParserError,
            "Runtime": _Runtime,
        }
        self.classes["ILogger"] = module.ILogger = self._logger_class()
        for name, behaviour in behaviours.items():
            self.classes[name] = self._strict(name, behaviour)
            setattr(module, name, self.classes[name])
        return module

    def _logger_class(self) -> Any:
        severity = self.enums["ILogger.Severity"]

        class ILogger:
            Severity = severity

            def __init__(self) -> None:
                self.begun = True

        return ILogger

    def _strict(self, name: str, behaviour: Any) -> Any:
        fake, listed = self, self.facts["classes"][name]
        methods, properties = listed["methods"], listed["properties"]

        class Strict:
            def __init__(self, *args: Any, **named: Any) -> None:
                if not named.pop("_inside", False):
                    fake._check(name, "__init__", methods.get("__init__", ()), args, named)
                object.__setattr__(self, "_own", behaviour(fake, *args, **named))

            def __getattr__(self, member: str) -> Any:
                if member in properties:
                    fake.asked.add(f"{name}.{member}")
                    return getattr(self._own, member)
                if member not in methods:
                    raise AttributeError(f"{name} of {fake.version} has no {member}")

                def call(*args: Any, **named: Any) -> Any:
                    fake._check(name, member, methods[member], args, named)
                    return getattr(self._own, member)(*args, **named)

                return call

            def __setattr__(self, member: str, value: Any) -> None:
                if member not in properties:
                    raise AttributeError(f"{name} of {fake.version} has no {member}")
                fake.asked.add(f"{name}.{member}")
                setattr(self._own, member, value)

            def __bytes__(self) -> bytes:
                return self._own.content  # type: ignore[no-any-return]

        Strict.__name__ = name
        return Strict

    def _check(self, name: str, member: str, overloads: Any, args: Any, named: Any) -> None:
        self.asked.add(f"{name}.{member}")
        bind(overloads, args, named, {**self.classes, **self.enums})

    def make(self, name: str, *args: Any) -> Any:
        """Make an object of a listed class, as TensorRT does inside."""
        return self.classes[name](*args, _inside=True)

    def complain(self, log: Any, text: str) -> None:
        """Tell a logger of an error."""
        assert log.begun, "ILogger.__init__ was not called"
        log.log(self.enums["ILogger.Severity"].ERROR, text)
        log.log(self.enums["ILogger.Severity"].INFO, "what no one wants to read")


def _enum(name: str, members: Dict[str, int]) -> Any:
    """Return an enum like pybind's: a member is no number, but becomes one."""

    class Base(enum.Enum):
        def __int__(self) -> int:
            return int(self.value)

    return Base(name.rpartition(".")[2], members)  # type: ignore[call-overload]


class _Builder:
    def __init__(self, fake: FakeTensorrt, log: Any) -> None:
        if fake.faults.cuda_dead:
            raise TypeError("pybind11::init(): factory function returned nullptr")
        self.fake, self.log = fake, log

    def create_network(self, flags: int = 0) -> Any:
        members = self.fake.enums["NetworkDefinitionCreationFlag"]
        known = {m.name: bool(flags & (1 << int(m))) for m in members}
        assert flags < 1 << (1 + max(int(m) for m in members)), "an unknown flag"
        explicit = not self.fake.old or known["EXPLICIT_BATCH"]
        strong = "EXPLICIT_BATCH" not in known or known.get("STRONGLY_TYPED", False)
        return self.fake.make("INetworkDefinition", explicit, strong)

    def create_builder_config(self) -> Any:
        return self.fake.make("IBuilderConfig")

    def create_optimization_profile(self) -> Any:
        return self.fake.make("IOptimizationProfile")

    def build_serialized_network(self, network: Any, config: Any) -> Any:
        network, config = network._own, config._own
        self.fake.configs.append(config)
        trouble = next(self._troubles(network, config), None)
        if trouble is None:
            head = {"version": self.fake.version, "ranges": config.profiles[0].shapes}
            return self.fake.make("IHostMemory", json.dumps(head).encode() + b"\n" + network.onnx)
        if trouble:
            self.fake.complain(self.log, trouble)
        return None

    def _troubles(self, network: Any, config: Any) -> Iterator[str]:
        if self.fake.faults.mute:
            yield ""
        if self.fake.faults.memory:
            yield "Error Code 2: OutOfMemory (Requested size was 1073741824 bytes.)"
        if len(config.profiles) != 1:
            yield "Network has dynamic inputs, but no optimization profile has been defined."
        for tensor in network.inputs:
            low, usual, high = config.profiles[0].shapes.get(tensor.name, [()] * 3)
            if len(low) != len(tensor.declared) or not all(
                0 < a <= b <= c for a, b, c in zip(low, usual, high)
            ):
                yield f"the profile of {tensor.name} makes no sense: {low} {usual} {high}"
            fixed = [d for d in zip(tensor.declared, low, high) if d[0] >= 0]
            if any(not size == a == b for size, a, b in fixed):
                yield f"{tensor.name} is {tensor.declared}, not {low} to {high}"
        precision, flags = read_graph(network.onnx).precision, {f.name for f in config.flags}
        if network.strong and flags & {"FP16", "INT8"}:
            yield "a strongly typed network takes no precision flags"
        if not network.strong and precision == "fp16" and "FP16" not in flags:
            yield "the network holds FP16 and the builder's flag FP16 is not set"
        if not network.strong and precision == "int8" and "INT8" not in flags:
            yield "the network holds Q/DQ layers and the builder's flag INT8 is not set"


class _Network:
    def __init__(self, fake: FakeTensorrt, explicit: bool, strong: bool) -> None:
        self.fake, self.explicit, self.strong = fake, explicit, strong
        self.onnx = b""
        self.inputs: List[Any] = []

    @property
    def num_inputs(self) -> int:
        return len(self.inputs)

    def get_input(self, index: int) -> Any:
        tensor = self.inputs[index]
        return self.fake.make("ITensor", tensor.name, tensor.declared)


class _Tensor:
    def __init__(self, fake: FakeTensorrt, name: str, declared: Tuple[int, ...]) -> None:
        self.name, self.shape = name, Dims(declared)


class _Parser:
    def __init__(self, fake: FakeTensorrt, network: Any, log: Any) -> None:
        self.fake, self.network, self.log = fake, network._own, log
        self.errors: List[str] = []

    def parse(self, model: bytes, path: Any = None) -> bool:
        if not self.network.explicit:
            self.errors.append("this version needs explicit batch")
        if self.fake.faults.parse:
            self.errors.append("Unsupported ONNX data type: UINT8")
        try:
            session = _session(model)
        except Exception:
            self.errors.append("Failed to parse the model")
        if self.errors:
            return False
        self.network.onnx = model
        for tensor in session.get_inputs():
            declared = tuple(d if isinstance(d, int) else -1 for d in tensor.shape)
            self.network.inputs.append(SimpleNamespace(name=tensor.name, declared=declared))
        return True

    @property
    def num_errors(self) -> int:
        return len(self.errors)

    def get_error(self, index: int) -> Any:
        return self.fake.make("ParserError", self.errors[index])


class _ParserError:
    def __init__(self, fake: FakeTensorrt, text: str) -> None:
        self.text = text

    def desc(self) -> str:
        return self.text

    def node(self) -> int:
        return 3


class _Config:
    def __init__(self, fake: FakeTensorrt) -> None:
        self.fake = fake
        self.flags = {fake.enums["BuilderFlag"].TF32}
        self.pools: Dict[str, int] = {}
        self.profiles: List[Any] = []
        self.timings: Any = None
        self.max_aux_streams = -1

    def set_flag(self, flag: Any) -> None:
        self.flags.add(flag)

    def clear_flag(self, flag: Any) -> None:
        self.flags.discard(flag)

    def set_memory_pool_limit(self, pool: Any, pool_size: int) -> None:
        self.pools[pool.name] = pool_size

    def add_optimization_profile(self, profile: Any) -> int:
        self.profiles.append(profile._own)
        return len(self.profiles) - 1

    def create_timing_cache(self, serialized_timing_cache: bytes) -> Any:
        return self.fake.make("ITimingCache", serialized_timing_cache)

    def set_timing_cache(self, cache: Any, ignore_mismatch: bool) -> bool:
        if self.fake.faults.timing_mismatch and cache._own.content:
            return False
        self.timings = cache
        return True

    def get_timing_cache(self) -> Any:
        return self.timings


class _Timings:
    def __init__(self, fake: FakeTensorrt, content: bytes) -> None:
        self.fake, self.content = fake, content

    def serialize(self) -> Any:
        return self.fake.make("IHostMemory", self.content + b"+")


class _Memory:
    def __init__(self, fake: FakeTensorrt, content: bytes) -> None:
        self.content = content


class _Profile:
    def __init__(self, fake: FakeTensorrt) -> None:
        self.shapes: Dict[str, Any] = {}

    def set_shape(self, input: str, min: Any, opt: Any, max: Any) -> None:
        self.shapes[input] = [min, opt, max]


class _Runtime:
    def __init__(self, fake: FakeTensorrt, log: Any) -> None:
        if fake.faults.cuda_dead:
            raise TypeError("pybind11::init(): factory function returned nullptr")
        self.fake, self.log = fake, log

    def deserialize_cuda_engine(self, serialized_engine: bytes) -> Any:
        head, _, onnx = bytes(serialized_engine).partition(b"\n")
        try:
            plan = json.loads(head.decode())
        except ValueError:
            self.fake.complain(self.log, "Error Code 1: Serialization (magicTag does not match)")
            return None
        if plan["version"] != self.fake.version:
            text = f"Serialized engine version {plan['version']} is not {self.fake.version}"
            self.fake.complain(self.log, text)
            return None
        return self.fake.make("ICudaEngine", self.log, plan["ranges"], onnx)


class _Engine:
    def __init__(self, fake: FakeTensorrt, log: Any, ranges: Any, onnx: bytes) -> None:
        self.fake, self.log, self.ranges = fake, log, ranges
        self.session = _session(onnx)
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
            self.fake.complain(self.log, "Error Code 2: OutOfMemory (no further information)")
            return None
        # Up to 8.6 the contexts of an engine cannot share a profile.
        alone = not self.fake.old or not self.contexts
        context = self.fake.make("IExecutionContext", self, alone)
        self.contexts.add(context)
        return context


class _Context:
    def __init__(self, fake: FakeTensorrt, engine: _Engine, ready: bool) -> None:
        self.fake, self.engine, self.ready = fake, engine, ready
        self.shapes: Dict[str, Tuple[int, ...]] = {}
        self.places: Dict[str, int] = {}
        self.found: Dict[str, Tuple[int, ...]] = {}

    def set_input_shape(self, name: str, shape: Tuple[int, ...]) -> bool:
        low, _, high = self.engine.ranges[name]
        fits = len(shape) == len(low)
        fits = fits and all(a <= size <= b for a, size, b in zip(low, shape, high))
        if not fits or not self.ready:
            self.fake.complain(self.engine.log, f"{name} {shape} is not in {low} to {high}")
            return False
        self.shapes[name], self.found = shape, {}
        return True

    def infer_shapes(self) -> List[str]:
        return [t.name for t in self.engine.session.get_inputs() if t.name not in self.shapes]

    def get_tensor_shape(self, name: str) -> Any:
        if name in self.shapes:
            return Dims(self.shapes[name])
        if not self.found:
            inputs = {
                t.name: np.zeros(self.shapes[t.name], ONNX_TYPES[t.type][1])
                for t in self.engine.session.get_inputs()
            }
            values = self.engine.session.run(None, inputs)
            names = (t.name for t in self.engine.session.get_outputs())
            self.found = {n: value.shape for n, value in zip(names, values)}
        return Dims(self.found[name])

    def set_tensor_address(self, name: str, memory: int) -> bool:
        assert memory != 0
        self.places[name] = memory
        return True

    def execute_async_v3(self, stream_handle: int) -> bool:
        if self.fake.faults.run:
            self.fake.complain(self.engine.log, "Error Code 1: Cuda Runtime (an illegal access)")
            return False
        if {t.name for t in self.engine.tensors} != set(self.places):
            self.fake.complain(self.engine.log, "an address is missing")
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


def _session(onnx: bytes) -> Any:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(onnx, options, providers=["CPUExecutionProvider"])
