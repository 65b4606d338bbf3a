"""The module `tensorrt`: imported here alone, 8.5 to 11, and asked what it has.

Names come and go between its versions, and numbers of enum members move. So nothing is
done by version: a member is looked up by name, and used where it is there.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, List

from pcsr_edge.errors import BackendUnavailableError
from pcsr_edge.installation import advice
from pcsr_edge.runtime.cuda_device import first_line
from pcsr_edge.runtime.interruption import interrupts_held

JETSON_RELEASE = Path("/etc/nv_tegra_release")
"""Is there on a Jetson alone."""


def load_tensorrt() -> Any:
    """Import `tensorrt`.

    Raises:
        BackendUnavailableError: it is not installed, or its libraries are not.
    """
    try:
        with interrupts_held():
            import tensorrt
    except ImportError as exc:
        mend = advice("pip install tensorrt")
        if JETSON_RELEASE.exists():
            mend = (
                "run: sudo apt-get install python3-libnvinfer (and make environments with "
                "--system-site-packages)"
            )
        raise BackendUnavailableError(
            f"TensorRT cannot be imported ({first_line(exc)}); {mend}"
        ) from exc
    return tensorrt


def fresh_log(trt: Any) -> Any:
    """Return the logger of this process for something new: without what was told before.

    TensorRT's functions say only that something failed; why, they tell their logger. Whichever
    was given first is told everything by everyone, so there is one, and it is never given up.
    """
    log = _the_log(trt)
    log.errors.clear()
    return log


@lru_cache(maxsize=None)
def _the_log(trt: Any) -> Any:
    """Return a logger of TensorRT's that keeps the texts of errors in `errors`, and is silent."""

    class ErrorLog(trt.ILogger):  # type: ignore[misc]
        def __init__(self) -> None:
            trt.ILogger.__init__(self)
            self.errors: List[str] = []

        def log(self, severity: Any, msg: str) -> None:
            if severity in (trt.ILogger.Severity.ERROR, trt.ILogger.Severity.INTERNAL_ERROR):
                self.errors.append(msg)

    return ErrorLog()


def reason(log: Any) -> str:
    """Return the last error that a log of `fresh_log` got, as one line."""
    # Another thread may begin something new at any time.
    last = log.errors[-1:]
    return " ".join(last[0].split()) if last else "TensorRT gave no reason"


def no_gpu(exc: BaseException) -> BackendUnavailableError:
    """Return the error of TensorRT's factories, which give nothing where CUDA does not start."""
    return BackendUnavailableError(
        f"TensorRT cannot use the GPU: CUDA did not start ({first_line(exc)}); what the driver "
        "lacks, says: nvidia-smi"
    )
