"""ONNX Runtime on the CPU."""

from __future__ import annotations

from typing import TYPE_CHECKING, Dict, List, Optional

from pcsr_edge.errors import BackendUnavailableError, EngineError
from pcsr_edge.installation import advice
from pcsr_edge.runtime.engine import Array, Arrays, Backend, Engine
from pcsr_edge.runtime.interruption import interrupts_held
from pcsr_edge.runtime.quantization import with_unsigned_activations

if TYPE_CHECKING:
    import onnxruntime


class OnnxRuntimeEngine(Engine):
    """One inference session; concurrent calls share it."""

    def __init__(
        self, session: onnxruntime.InferenceSession, run_options: onnxruntime.RunOptions
    ) -> None:
        self._session, self._run_options = session, run_options
        self._outputs: List[str] = [output.name for output in session.get_outputs()]

    def run(self, inputs: Arrays) -> Dict[str, Array]:
        """Run the session; see `Engine.run`."""
        try:
            values = self._session.run(self._outputs, dict(inputs), self._run_options)
        # ONNX Runtime's exceptions have no common base but this one.
        except Exception as exc:
            reason = str(exc).splitlines()[0] if str(exc) else type(exc).__name__
            raise EngineError(f"onnxruntime-cpu failed while it ran a graph: {reason}") from exc
        return dict(zip(self._outputs, values))

    def close(self) -> None:
        """Release the session and the memory that its arena keeps."""
        self._session = None


class OnnxRuntimeBackend(Backend):
    """Makes CPU sessions.

    Args:
        as_stored: run int8 graphs as other backends read them, which is slow here, and not as
            `with_unsigned_activations` changes them.
    """

    name = "onnxruntime-cpu"

    def __init__(self, as_stored: bool = False) -> None:
        self._as_stored = as_stored
        self._run_options: Optional[onnxruntime.RunOptions] = None

    def load(self, graph: bytes, threads: int) -> Engine:
        """Compile `graph`; see `Backend.load`."""
        # Interrupted, the import fails as if the package were damaged, and a session that is
        # half made aborts the process when Python ends.
        with interrupts_held():
            return self._load(graph, threads)

    def _load(self, graph: bytes, threads: int) -> Engine:
        try:
            import onnxruntime
        except ImportError as exc:
            raise BackendUnavailableError(
                f"onnxruntime cannot be imported ({exc}); {advice('pip install onnxruntime')}"
            ) from exc
        if self._run_options is None:
            # Shared by all sessions. Silent: that a run was cancelled is no news.
            self._run_options = onnxruntime.RunOptions()
            self._run_options.log_severity_level = 4
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        options.log_severity_level = 3
        # With a plan of its memory, the second picture of a size would take a block beside what
        # the first one left in the arena.
        options.enable_mem_pattern = False
        # Threads that spin after a run would take the cores from the next stage.
        options.add_session_config_entry("session.force_spinning_stop", "1")
        content = graph if self._as_stored else with_unsigned_activations(graph)
        try:
            session = onnxruntime.InferenceSession(
                content, options, providers=["CPUExecutionProvider"]
            )
        except Exception as exc:
            reason = str(exc).splitlines()[0] if str(exc) else type(exc).__name__
            raise EngineError(f"onnxruntime-cpu cannot compile a graph: {reason}") from exc
        return OnnxRuntimeEngine(session, self._run_options)

    def cancel(self) -> None:
        """Let every session stop before its next operator."""
        if self._run_options is not None:
            self._run_options.terminate = True
