"""The ranges of activations, found by the calibrators of ONNX Runtime."""

from __future__ import annotations

import contextlib
import io
import tempfile
from pathlib import Path
from typing import Any, Dict, Iterator, Mapping, Optional, Sequence

import numpy as np

from pcsr_edge.errors import EngineError
from pcsr_edge.runtime.engine import Array

ENTROPY, PERCENTILE = "entropy", "percentile"
FINDERS = (ENTROPY, PERCENTILE)
"""Ways to find a range: where the rounded values tell most of the exact ones (Kullback-Leibler),
or where so many of them lie."""
PERCENT = 99.99
"""Of the values, which the range of `PERCENTILE` holds."""
BINS = 1024
"""Of the histogram of a tensor. ONNX Runtime's own 128 for `ENTROPY` leave it one candidate."""
LEVELS = 128
"""Of int8 on either side of zero, which `ENTROPY` rounds to."""


class _Reader:
    """Hands one call after the other to a calibrator (its `CalibrationDataReader`)."""

    def __init__(self, calls: Sequence[Mapping[str, Array]]) -> None:
        self._calls: Iterator[Mapping[str, Array]] = iter(calls)

    def get_next(self) -> Optional[Mapping[str, Array]]:
        return next(self._calls, None)


def activation_ranges(
    graph: bytes, calls: Sequence[Mapping[str, Array]], finder: str
) -> Dict[str, float]:
    """Find the ranges of what the convolutions, linear layers and ReLUs of a graph read and make.

    Args:
        graph: float32 ONNX file.
        calls: inputs of the graph, at least one.
        finder: of `FINDERS`.

    Returns:
        tensor → greatest |value| that is not clipped.

    Raises:
        EngineError: ONNX Runtime cannot calibrate the graph.
    """
    with tempfile.TemporaryDirectory(prefix="pcsr-edge-") as folder:
        path = Path(folder) / "graph.onnx"
        path.write_bytes(graph)
        # It reports its work on stdout, where our results go.
        with contextlib.redirect_stdout(io.StringIO()):
            try:
                calibrator = _make(path, finder)
                for call in calls:
                    # One by one: else every tensor of every call would stay in memory.
                    calibrator.collect_data(_Reader([call]))
                found = calibrator.compute_data().data
            # Its exceptions have no common base but this one.
            except Exception as exc:
                raise EngineError(f"ONNX Runtime cannot find ranges: {exc}") from exc
    return {name: _greatest(data.range_value) for name, data in found.items()}


def _make(path: Path, finder: str) -> Any:
    from onnxruntime.quantization.calibrate import CalibrationMethod, create_calibrator

    methods = {ENTROPY: CalibrationMethod.Entropy, PERCENTILE: CalibrationMethod.Percentile}
    return create_calibrator(
        path,
        ["Conv", "Gemm", "Relu"],
        augmented_model_path=str(path.with_name("augmented.onnx")),
        calibrate_method=methods[finder],
        # Each takes what is meant for it.
        extra_options={
            "symmetric": True,
            "num_bins": BINS,
            "num_quantized_bins": 2 * LEVELS,
            "percentile": PERCENT,
        },
    )


def _greatest(bounds: Sequence[Array]) -> float:
    return float(max(np.abs(bound).max() for bound in bounds))
