"""ONNX Runtime on the CPU."""

from __future__ import annotations

from typing import TYPE_CHECKING, Dict, List

from pcsr_edge.errors import BackendUnavailableError, EngineError
from pcsr_edge.runtime.engine import Array, Arrays, Backend, Engine

if TYPE_CHECKING:
    import onnxruntime


class OnnxRuntimeEngine(Engine):
    """One inference session; concurrent calls share it."""

    def __init__(self, session: onnxruntime.InferenceSession) -> None:
        self._session = session
        self._outputs: List[str] = [output.name for output in session.get_outputs()]

    def run_impl(self, inputs: Arrays) -> Dict[str, Array]:
        """Run the session."""
        try:
            values = self._session.run(self._outputs, dict(inputs))
        # ONNX Runtime's exceptions have no common base but this one.
        except Exception as exc:
            reason = str(exc).splitlines()[0] if str(exc) else type(exc).__name__
            raise EngineError(f"onnxruntime-cpu failed while it ran a graph: {reason}") from exc
        return dict(zip(self._outputs, values))


class OnnxRuntimeBackend(Backend):
    """Makes CPU sessions."""

    name = "onnxruntime-cpu"

    def load(self, graph: bytes, threads: int, keep_memory: bool = False) -> Engine:
        """Compile `graph`; see `Backend.load`."""
        try:
            import onnxruntime
        except ImportError as exc:
            raise BackendUnavailableError(
                f"onnxruntime cannot be imported ({exc}); run: pip install onnxruntime"
            ) from exc
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        options.log_severity_level = 3
        # The arena keeps and doubles what its largest call took, which fresh pages from the
        # system cost half of a small network's time to replace.
        options.enable_cpu_mem_arena = keep_memory
        # Threads that spin after a run would take the cores from the next stage.
        options.add_session_config_entry("session.force_spinning_stop", "1")
        try:
            session = onnxruntime.InferenceSession(
                graph, options, providers=["CPUExecutionProvider"]
            )
        except Exception as exc:
            reason = str(exc).splitlines()[0] if str(exc) else type(exc).__name__
            raise EngineError(f"onnxruntime-cpu cannot compile a graph: {reason}") from exc
        return OnnxRuntimeEngine(session)
