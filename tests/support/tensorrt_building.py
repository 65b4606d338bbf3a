"""What a fake `tensorrt` does to build engines, after NVIDIA's documentation.

What is not known from it is not imitated. Which of these members a version has, and with which
signatures, is the business of `fake_tensorrt`; what is built is run by `tensorrt_running`.
"""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Tuple

from pcsr_edge.runtime.engines.graph import read_graph
from support.tensorrt_running import Dims, run_zeros, session_of

if TYPE_CHECKING:
    from support.fake_tensorrt import FakeTensorrt


class Builder:
    def __init__(self, fake: FakeTensorrt, log: Any) -> None:
        if fake.faults.cuda_dead:
            raise TypeError("pybind11::init(): factory function returned nullptr")
        self.fake = fake
        fake.listen(log)

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
            self.fake.complain(trouble)
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
        yield from self._least_shapes(network, config)
        precision, flags = read_graph(network.onnx).precision, {f.name for f in config.flags}
        if network.strong and flags & {"FP16", "INT8"}:
            yield "a strongly typed network takes no precision flags"
        if not network.strong and precision == "fp16" and "FP16" not in flags:
            yield "the network holds FP16 and the builder's flag FP16 is not set"
        if not network.strong and precision == "int8" and "INT8" not in flags:
            yield "the network holds Q/DQ layers and the builder's flag INT8 is not set"

    def _least_shapes(self, network: Any, config: Any) -> Iterator[str]:
        """Refuse a range whose least shape no layer can have; ONNX Runtime tries it."""
        shapes = {name: shape[0] for name, shape in config.profiles[0].shapes.items()}
        try:
            run_zeros(session_of(network.onnx), shapes)
        except Exception as exc:
            yield f"the least shapes {shapes} of the profile do not fit the network: {exc}"


class Network:
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


class Tensor:
    def __init__(self, fake: FakeTensorrt, name: str, declared: Tuple[int, ...]) -> None:
        self.name, self.shape = name, Dims(declared)


class Parser:
    def __init__(self, fake: FakeTensorrt, network: Any, log: Any) -> None:
        self.fake, self.network, self.log = fake, network._own, log
        self.errors: List[str] = []

    def parse(self, model: bytes, path: Any = None) -> bool:
        if not self.network.explicit:
            self.errors.append("this version needs explicit batch")
        if self.fake.faults.parse:
            self.errors.append("Unsupported ONNX data type: UINT8")
        try:
            session = session_of(model)
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


class ParserError:
    def __init__(self, fake: FakeTensorrt, text: str) -> None:
        self.text = text

    def desc(self) -> str:
        return self.text

    def node(self) -> int:
        return 3


class Config:
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


class Timings:
    def __init__(self, fake: FakeTensorrt, content: bytes) -> None:
        self.fake, self.content = fake, content

    def serialize(self) -> Any:
        return self.fake.make("IHostMemory", self.content + b"+")


class Memory:
    def __init__(self, fake: FakeTensorrt, content: bytes) -> None:
        self.content = content


class Profile:
    def __init__(self, fake: FakeTensorrt) -> None:
        self.shapes: Dict[str, Any] = {}

    def set_shape(self, input: str, min: Any, opt: Any, max: Any) -> None:
        self.shapes[input] = [min, opt, max]
