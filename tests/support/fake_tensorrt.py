"""A strict `tensorrt` of any version: it has what the real one has, and refuses the rest.

Which classes, members and signatures there are stands in tests/data/tensorrt_api.json. What they
do stands in `tensorrt_building` and `tensorrt_running`.
"""

from __future__ import annotations

import enum
import weakref
from types import ModuleType
from typing import Any, Dict, List, Set

from support import tensorrt_building, tensorrt_running
from support.signatures import bind
from support.tensorrt_facts import load_facts


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
        self._logger: Any = None
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
            "Builder": tensorrt_building.Builder,
            "IBuilderConfig": tensorrt_building.Config,
            "ICudaEngine": tensorrt_running.Engine,
            "IExecutionContext": tensorrt_running.Context,
            "IHostMemory": tensorrt_building.Memory,
            "INetworkDefinition": tensorrt_building.Network,
            "IOptimizationProfile": tensorrt_building.Profile,
            "ITensor": tensorrt_building.Tensor,
            "ITimingCache": tensorrt_building.Timings,
            "OnnxParser": tensorrt_building.Parser,
            "ParserError": tensorrt_building.ParserError,
            "Runtime": tensorrt_running.Runtime,
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

    def listen(self, log: Any) -> None:
        """Take the logger of a builder or runtime: the first one is kept as a bare pointer."""
        assert log.begun, "ILogger.__init__ was not called"
        if self._logger is None:
            self._logger = weakref.ref(log)

    def complain(self, text: str) -> None:
        """Tell the first logger of an error."""
        log = None if self._logger is None else self._logger()
        assert log is not None, "the logger is gone"
        log.log(self.enums["ILogger.Severity"].ERROR, text)
        log.log(self.enums["ILogger.Severity"].INFO, "what no one wants to read")


def _enum(name: str, members: Dict[str, int]) -> Any:
    """Return an enum like pybind's: a member is no number, but becomes one."""

    class Base(enum.Enum):
        def __int__(self) -> int:
            return int(self.value)

    return Base(name.rpartition(".")[2], members)  # type: ignore[call-overload]
