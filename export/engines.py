"""From a bundle to TensorRT engines in the user's cache, on the device that will run them.

Needs neither torch nor onnx. A photograph of the size in question is run in every class: so each
engine is built by the code that will look for it, and held against float32 on the processor.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Optional, Tuple

from pcsr_edge.runtime.backends.tensorrt import TensorrtBackend
from pcsr_edge.runtime.bundle import Bundle
from pcsr_edge.runtime.engines.gate import verdict_on
from pcsr_edge.runtime.engines.verdict import Verdict
from pcsr_edge.runtime.upscaler import Upscaler

USUAL = (270, 480)
"""(h, w) of the frame that is run where no size is asked for."""


@dataclass(frozen=True)
class EngineReport:
    """What was built."""

    model: str
    precision: str
    size: Optional[Tuple[int, int]]
    """(h, w) of the frames that the engines are for; None: of a range of sizes."""
    gpu: str
    tensorrt: str
    built: int
    """Engines; those that were in the cache already are not counted."""
    seconds: float
    """That building took, with running and comparing."""
    accuracy: Verdict

    def to_dict(self) -> Dict[str, Any]:
        """Return the report as JSON prints it."""
        size = None if self.size is None else {"width": self.size[1], "height": self.size[0]}
        return {
            **vars(self),
            "size": size,
            "seconds": round(self.seconds, 3),
            "accuracy": self.accuracy.to_dict(),
        }

    def lines(self) -> List[str]:
        """Return the report for people."""
        what = "a range of sizes" if self.size is None else f"{self.size[1]}x{self.size[0]}"
        return [
            f"{self.model}, {self.precision}, for frames of {what} on {self.gpu} with TensorRT "
            f"{self.tensorrt}: {self.built} engines built in {self.seconds:.0f} s",
            f"on a photograph: {self.accuracy.text}",
        ]


def build_engines(
    bundle: Bundle,
    precision: str,
    size: Optional[Tuple[int, int]],
    *,
    gpu: int = 0,
    say: Callable[[str], None],
) -> EngineReport:
    """Build what frames of a size need, as far as it is not in the cache, and compare.

    Args:
        bundle: of any method with graphs.
        precision: that the bundle holds.
        size: (h, w) of the frames; None for a range of sizes about the usual one.
        gpu: number of the GPU.
        say: told what is built, and how long that may take.

    Raises:
        BundleError: the bundle is damaged or lacks the precision.
        BackendUnavailableError: no TensorRT, no CuPy or no GPU.
        EngineError: an engine cannot be built or kept, or gave NaN.
        AccuracyError: frames differ from those of the processor by more than is allowed.
    """
    begin = time.perf_counter()
    backend = TensorrtBackend(gpu, say, exact=size is not None)
    with Upscaler(bundle, backend, precision=precision) as judged:
        # Cut as `upscale` cuts it: engines for another window would never be looked for.
        verdict = verdict_on(judged, size or USUAL, tile="auto")
    backend.proof.settle(verdict)
    backend.proof.check()
    place = backend.workshop.place
    return EngineReport(
        bundle.name,
        precision,
        size,
        place.gpu,
        place.tensorrt,
        backend.workshop.built,
        time.perf_counter() - begin,
        verdict,
    )
