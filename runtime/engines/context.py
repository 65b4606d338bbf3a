"""A loaded TensorRT engine that takes inputs of one set of shapes."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Optional, Tuple

import numpy as np

from pcsr_edge.errors import EngineError
from pcsr_edge.runtime.device import Device, DeviceArray
from pcsr_edge.runtime.engine import Array, Arrays
from pcsr_edge.runtime.engines.library import fresh_log, no_gpu, reason
from pcsr_edge.runtime.engines.shapes import Shapes

MOST_RECORDED = 4
"""CUDA graphs that a context keeps: as many sets of addresses are expected at most."""


class TensorrtContext:
    """One execution context, with buffers for its outputs.

    It has an engine of its own: up to 8.6, contexts of one engine cannot share its ranges.

    Args:
        trt: the module `tensorrt`.
        plan: bytes of the engine.
        shapes: of every input, within the ranges that the engine was built for.
        device: is active.
        title: of the graph, for messages.

    Raises:
        StalePlanError: TensorRT does not read the plan.
        BackendUnavailableError: CUDA does not start.
        EngineError: there is not enough memory, or the shapes do not fit.
    """

    def __init__(self, trt: Any, plan: bytes, shapes: Shapes, device: Device, title: str) -> None:
        self._device, self._title, self._shapes = device, title, dict(shapes)
        self._log = fresh_log(trt)
        try:
            self._runtime = trt.Runtime(self._log)
        except TypeError as exc:
            raise no_gpu(exc) from exc
        self._engine = self._runtime.deserialize_cuda_engine(plan)
        if self._engine is None:
            raise StalePlanError(f"TensorRT {trt.__version__} does not read it: {self._reason}")
        self._context = self._engine.create_execution_context()
        if self._context is None:
            raise EngineError(
                f"TensorRT cannot prepare {title}, mostly for want of GPU memory: {self._reason}; "
                "take smaller tiles: --memory-limit 512MiB"
            )
        self._types = self._tensor_types(trt)
        self._outputs = self._bind_shapes()
        self._seen: List[Tuple[int, ...]] = []
        self._recorded: Dict[Tuple[int, ...], Callable[[], None]] = {}
        self.hindrance: Optional[str] = None
        """Why no CUDA graph is recorded any more; None where nothing hinders it."""

    @property
    def _reason(self) -> str:
        return reason(self._log)

    def _tensor_types(self, trt: Any) -> Dict[str, Any]:
        # Not trt.nptype: that of 8.5 fails with NumPy 1.24.
        known = {
            trt.DataType.FLOAT: np.dtype(np.float32),
            trt.DataType.HALF: np.dtype(np.float16),
            trt.DataType.INT32: np.dtype(np.int32),
        }
        types = {}
        self._inputs: List[str] = []
        for index in range(self._engine.num_io_tensors):
            name = self._engine.get_tensor_name(index)
            if self._engine.get_tensor_mode(name) == trt.TensorIOMode.INPUT:
                self._inputs.append(name)
            kind = self._engine.get_tensor_dtype(name)
            if kind not in known:
                raise EngineError(
                    f"{self._title} has {name} of type {kind}; expected FLOAT, HALF or INT32"
                )
            types[name] = known[kind]
        return types

    def reshape(self, shapes: Shapes) -> bool:
        """Take other shapes from now on; nothing of this context may be queued.

        Returns:
            False where the engine was not built for them; the context is of no use then.
        """
        self._seen, self._recorded = [], {}
        self._shapes = dict(shapes)
        self._log.errors.clear()
        try:
            self._outputs = self._bind_shapes()
        except EngineError:
            return False
        return True

    def _bind_shapes(self) -> Dict[str, DeviceArray]:
        """Tell the context its shapes, and make the outputs that follow from them."""
        if sorted(self._inputs) != sorted(self._shapes):
            raise EngineError(
                f"{self._title} takes {', '.join(sorted(self._inputs))}, got "
                f"{', '.join(sorted(self._shapes)) or 'nothing'}"
            )
        for name in self._inputs:
            shape = tuple(int(size) for size in self._shapes[name])
            if not self._context.set_input_shape(name, shape):
                raise EngineError(
                    f"{self._title} does not take {name} of shape {shape}: {self._reason}"
                )
        missing = self._context.infer_shapes()
        if missing:
            raise EngineError(f"{self._title}: TensorRT lacks the shape of {', '.join(missing)}")
        outputs = {}
        for name in self._types:
            if name not in self._inputs:
                shape = tuple(self._context.get_tensor_shape(name))
                outputs[name] = self._device.xp.empty(shape, self._types[name])
                self._set_address(name, outputs[name])
        return outputs

    def enqueue(self, inputs: Arrays) -> Dict[str, Array]:
        """Queue one run, from the second one at the same addresses on as a CUDA graph.

        Raises:
            EngineError: an input is of another type or shape, or TensorRT failed.
        """
        self._check(inputs)
        self._log.errors.clear()
        places = tuple(self._device.pointer(inputs[name]) for name in self._shapes)
        if places not in self._recorded:
            for name in self._shapes:
                self._set_address(name, inputs[name])
            if places not in self._seen or not self._record(places):
                self._remember(places)
                self._execute()
                return dict(self._outputs)
        self._recorded[places]()
        return dict(self._outputs)

    def _check(self, inputs: Arrays) -> None:
        for name, shape in self._shapes.items():
            array = inputs[name]
            if array.dtype != self._types[name] or array.shape != tuple(shape):
                raise EngineError(
                    f"{self._title} takes {name} as {self._types[name]} {tuple(shape)}, got "
                    f"{array.dtype} {array.shape}"
                )
            if not array.flags.c_contiguous:
                raise EngineError(f"{self._title} takes {name} contiguous")

    def _remember(self, places: Tuple[int, ...]) -> None:
        # TensorRT settles after a change of shapes; what it does then must not be recorded.
        self._seen = [*self._seen[-MOST_RECORDED + 1 :], places]

    def _record(self, places: Tuple[int, ...]) -> bool:
        """Record a run; return False where that is not possible."""
        if self.hindrance is not None:
            return False
        try:
            replay = self._device.record(self._execute)
        except EngineError as exc:
            self.hindrance = str(exc)
            return False
        if len(self._recorded) >= MOST_RECORDED:
            self._device.synchronize()
            self._recorded.clear()
        self._recorded[places] = replay
        return True

    def _set_address(self, name: str, array: DeviceArray) -> None:
        if not self._context.set_tensor_address(name, self._device.pointer(array)):
            raise EngineError(f"{self._title} refuses the memory of {name}: {self._reason}")

    def _execute(self) -> None:
        if not self._context.execute_async_v3(self._device.stream):
            raise EngineError(f"TensorRT failed while it ran {self._title}: {self._reason}")


class StalePlanError(EngineError):
    """A plan is of another TensorRT or GPU, or damaged."""
