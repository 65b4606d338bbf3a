"""The accuracy gate: no bundle is written whose graphs do not compute what the network does."""

from __future__ import annotations

import contextlib
from dataclasses import asdict, dataclass
from typing import Any, Dict, Mapping, Tuple

import numpy as np
import torch

from pcsr_edge.errors import AccuracyError
from pcsr_edge.export.frame import Engines, Frame, reference_frame, run_frame
from pcsr_edge.export.graph_check import check_graphs
from pcsr_edge.export.pictures import Pair
from pcsr_edge.models import PCSR
from pcsr_edge.runtime.backends.onnxruntime import OnnxRuntimeBackend
from pcsr_edge.runtime.quality import psnr

FRAME_TOLERANCE = 1e-4
"""Greatest difference of an fp32 frame from the torch network's, on [0, 1] images."""
PSNR_TOLERANCE = 0.02
"""Greatest difference in dB between PSNR(fp16 frame, truth) and PSNR(fp32 frame, truth)."""

GraphBytes = Mapping[str, bytes]
"""Graph name → content of its file."""


@dataclass(frozen=True)
class PictureResult:
    """What one test picture gave; PSNR is RGB on 8 bit, `scale` pixels shaved, not refined."""

    picture: str
    """Its name."""
    psnr: Mapping[str, float]
    """Precision → PSNR in dB against the truth."""
    frame_difference: float
    """Greatest |fp32 frame - torch frame| with the same classes."""
    class_agreement: Mapping[str, float]
    """Precision → share of queries that get the class which the fp32 graphs give them."""


@dataclass(frozen=True)
class GateReport:
    """What the gate measured."""

    graph_difference: float
    """Greatest difference of an fp32 graph's output from torch, relative to max(1, |output|)."""
    pictures: Tuple[PictureResult, ...]
    """One per test picture."""

    @property
    def frame_difference(self) -> float:
        """Greatest |fp32 frame - torch frame| of all pictures."""
        return max(result.frame_difference for result in self.pictures)

    def psnr_change(self, precision: str) -> float:
        """Return the greatest |PSNR(precision) - PSNR(fp32)| of all pictures, in dB."""
        return max(abs(_change(result.psnr, precision)) for result in self.pictures)

    def to_dict(self) -> Dict[str, Any]:
        """Return plain data for JSON."""
        return asdict(self)


def check_accuracy(
    model: PCSR, graphs: Mapping[str, GraphBytes], scale: int, pairs: Tuple[Pair, ...]
) -> GateReport:
    """Hold every graph against `model`, and whole frames against the truth.

    fp32: each graph's output within `graph_check.GRAPH_TOLERANCE` of torch on noise, on
    extreme and on real-like inputs; each frame within `FRAME_TOLERANCE`. Other precisions:
    everything finite, PSNR of each frame within `PSNR_TOLERANCE` of that of fp32.

    Args:
        model: in evaluation mode, float32.
        graphs: precision → graphs; fp32 among them.
        scale: integer magnification at which frames are compared.
        pairs: test pictures, at least one.

    Raises:
        AccuracyError: one of these does not hold; the message names graph or picture.
    """
    with contextlib.ExitStack() as stack, torch.no_grad():
        engines = {precision: _load(files, stack) for precision, files in graphs.items()}
        worst = {name: check_graphs(model, each, name, pairs) for name, each in engines.items()}
        results = tuple(_judge_picture(model, engines, scale, pair) for pair in pairs)
    report = GateReport(worst["fp32"], results)
    for result in results:
        _check_picture(result)
    return report


def _load(files: GraphBytes, stack: contextlib.ExitStack) -> Engines:
    backend = OnnxRuntimeBackend()
    # One thread: waiting threads of two libraries would fight for the processor.
    return {name: stack.enter_context(backend.load(each, 1)) for name, each in files.items()}


def _judge_picture(
    model: PCSR, engines: Mapping[str, Engines], scale: int, pair: Pair
) -> PictureResult:
    frames = {name: run_frame(model, each, pair.lr, scale) for name, each in engines.items()}
    for name, frame in frames.items():
        if not np.isfinite(frame.image).all():
            raise AccuracyError(
                f"the {name} graphs give NaN or infinity on the test picture {pair.name}; nothing "
                "was written: export with --precision fp32, or train the network further"
            )
    exact = frames["fp32"]
    reference = reference_frame(model, pair.lr, exact.class_map)
    return PictureResult(
        pair.name,
        {name: _psnr(frame, pair, scale) for name, frame in frames.items()},
        float(abs(exact.image - reference).max()),
        {name: _agreement(frame, exact) for name, frame in frames.items()},
    )


def _psnr(frame: Frame, pair: Pair, scale: int) -> float:
    return psnr(frame.rounded(), pair.hr, "rgb", scale)


def _agreement(frame: Frame, other: Frame) -> float:
    return float((frame.class_map == other.class_map).mean())


def _change(values: Mapping[str, float], precision: str) -> float:
    # Two perfect frames are equal, though infinity minus infinity is not zero.
    if values[precision] == values["fp32"]:
        return 0.0
    return values[precision] - values["fp32"]


def _check_picture(result: PictureResult) -> None:
    # Negated, so that NaN fails too.
    if not result.frame_difference <= FRAME_TOLERANCE:
        raise AccuracyError(
            f"the fp32 graphs differ by {result.frame_difference:.2g} from the network on the test "
            f"picture {result.picture}, allowed is {FRAME_TOLERANCE:g}; nothing was written"
        )
    for precision in result.psnr:
        change = _change(result.psnr, precision)
        if not abs(change) <= PSNR_TOLERANCE:
            raise AccuracyError(
                f"{precision} changes PSNR by {change:+.3f} dB on the test picture "
                f"{result.picture}, allowed is {PSNR_TOLERANCE} dB; nothing was written: export "
                "with --precision fp32"
            )
