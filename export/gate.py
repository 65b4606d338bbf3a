"""The accuracy gate: no bundle is written whose graphs do not compute what the network does."""

from __future__ import annotations

import contextlib
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Callable, Dict, Iterator, List, Mapping, Tuple

import numpy as np
import numpy.typing as npt
import onnx
import torch

from pcsr_edge.errors import AccuracyError
from pcsr_edge.export.frame import (
    ClassMap,
    Engines,
    Frames,
    graph_frames,
    network_frames,
    rounded,
)
from pcsr_edge.export.graph_builder import model_bytes
from pcsr_edge.export.graph_check import check_graphs, make_cases
from pcsr_edge.export.half_emulation import emulated_half
from pcsr_edge.export.pictures import Pair
from pcsr_edge.models import PCSR
from pcsr_edge.runtime.backends.onnxruntime import OnnxRuntimeBackend
from pcsr_edge.runtime.quality import psnr

FRAME_TOLERANCE = 1e-4
"""Greatest difference of an fp32 frame from the torch network's, on [0, 1] images."""
PSNR_TOLERANCE = 0.02
"""Greatest difference in dB between PSNR(fp16 frame, truth) and PSNR(fp32 frame, truth)."""

STORED = "stored "
"""Before the name of a precision: its files as ONNX Runtime runs them, not the rounding twins."""

GraphBytes = Mapping[str, bytes]
"""Graph name → content of its file."""


@dataclass(frozen=True)
class PictureResult:
    """What one test picture gave."""

    picture: str
    """Its name."""
    psnr: Mapping[str, Mapping[str, float]]
    """Assignment (`k=0`, `class 0`…; `all` without classes) → precision → PSNR in dB.

    Against the truth, RGB on 8 bit, `scale` pixels shaved, not refined. `k=0` takes each query's
    most probable class, by the logits of that precision; `class j` is class j everywhere.
    `fp16` is as a device computes it, `stored fp16` the file as ONNX Runtime runs it.
    """
    frame_difference: float
    """Greatest |fp32 frame - torch frame| of all classes."""
    class_agreement: Mapping[str, float]
    """Precision → share of queries that get the class which torch gives them; may be empty."""


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
        """Return the greatest |PSNR(precision) - PSNR(fp32)| of all frames, in dB."""
        return max(
            abs(_change(values, name))
            for result in self.pictures
            for values in result.psnr.values()
            for name in (precision, STORED + precision)
            if name in values
        )

    def to_dict(self) -> Dict[str, Any]:
        """Return plain data for JSON."""
        return asdict(self)


def check_accuracy(
    model: PCSR, graphs: Mapping[str, GraphBytes], scale: int, pairs: Tuple[Pair, ...]
) -> GateReport:
    """Hold every graph against `model`, and whole frames against the truth.

    fp32: each graph's output within `graph_check.GRAPH_TOLERANCE` of torch on noise, on
    extreme and on real inputs; each frame within `FRAME_TOLERANCE`. Other precisions: graphs
    within `graph_check.HALF_TOLERANCE`, PSNR of each frame within `PSNR_TOLERANCE` of that of
    fp32; once computed as a device with float16 arithmetic does (`half_emulation`), and once as
    the file is.

    Args:
        model: in evaluation mode, float32.
        graphs: precision → graphs; fp32 among them.
        scale: integer magnification at which frames are compared.
        pairs: test pictures, at least one.

    Raises:
        AccuracyError: one of these does not hold; the message names graph or picture.
    """
    with contextlib.ExitStack() as stack, torch.no_grad():
        cases = make_cases(model, scale, pairs)
        worst, judged = judged_engines(graphs, stack, partial(check_graphs, cases))
        results = tuple(_judge_picture(model, judged, scale, pair) for pair in pairs)
    return checked_report(worst, results)


def judged_engines(
    graphs: Mapping[str, GraphBytes],
    stack: contextlib.ExitStack,
    check: Callable[[Engines, str], float],
) -> Tuple[float, Dict[str, Engines]]:
    """Load the graphs of every precision, and check each.

    Args:
        graphs: precision → graphs; fp32 among them.
        stack: closes the engines.
        check: from engines and precision to the greatest difference from the network; raises
            AccuracyError where it is too large.

    Returns:
        The difference of fp32, and the engines whose frames are to be judged: of fp32, of the
        rounding twins of any other precision, and, after `STORED`, of its files as they are.
    """
    exact = {name: load_engines(files, stack) for name, files in graphs.items()}
    worst = {name: check(each, name) for name, each in exact.items()}
    judged: Dict[str, Engines] = {"fp32": exact["fp32"]}
    for name in [precision for precision in graphs if precision != "fp32"]:
        twins = {n: rounding_twin(content) for n, content in graphs[name].items()}
        judged[name] = load_engines(twins, stack)
        check(judged[name], name)
        judged[STORED + name] = exact[name]
    return worst["fp32"], judged


def checked_report(worst: float, results: Tuple[PictureResult, ...]) -> GateReport:
    """Return the report, after every picture has been checked.

    Raises:
        AccuracyError: frames of a picture differ too much.
    """
    for result in results:
        check_picture(result)
    return GateReport(worst, results)


def rounding_twin(content: bytes) -> bytes:
    """Return the float16 graph as a device with float16 arithmetic computes it."""
    return model_bytes(emulated_half(onnx.load_model_from_string(content)))


def load_engines(files: GraphBytes, stack: contextlib.ExitStack) -> Engines:
    """Compile graphs for one thread; they are released with `stack`."""
    backend = OnnxRuntimeBackend()
    # One thread: waiting threads of two libraries would fight for the processor.
    return {name: stack.enter_context(backend.load(each, 1)) for name, each in files.items()}


def _judge_picture(
    model: PCSR, engines: Mapping[str, Engines], scale: int, pair: Pair
) -> PictureResult:
    reference = network_frames(model, pair.lr, scale)
    frames = {name: graph_frames(model, each, pair.lr, scale) for name, each in engines.items()}
    for name, each in frames.items():
        check_finite(each.images, name, pair)
    return PictureResult(
        pair.name,
        _psnr_table(frames, pair, scale),
        float(np.abs(frames["fp32"].images - reference.images).max()),
        {n: float((f.class_map == reference.class_map).mean()) for n, f in frames.items()},
    )


def check_finite(images: npt.NDArray[np.float32], precision: str, pair: Pair) -> None:
    """Refuse frames with values that are no finite numbers.

    Raises:
        AccuracyError: there is one.
    """
    if not np.isfinite(images).all():
        raise AccuracyError(
            f"the {precision} graphs give NaN or infinity on the test picture {pair.name}; nothing "
            "was written: export with --precision fp32, or train the network further"
        )


def _psnr_table(
    frames: Mapping[str, Frames], pair: Pair, scale: int
) -> Dict[str, Dict[str, float]]:
    table: Dict[str, Dict[str, float]] = {}
    for precision, each in frames.items():
        for assignment, class_map in _assignments(each):
            value = psnr(rounded(each.assigned(class_map)), pair.hr, "rgb", scale)
            table.setdefault(assignment, {})[precision] = value
    return table


def _assignments(frames: Frames) -> Iterator[Tuple[str, ClassMap]]:
    yield "k=0", frames.class_map
    # A class that no query takes at k=0 may still be taken at another k.
    for index in range(len(frames.images)):
        yield f"class {index}", np.full_like(frames.class_map, index)


def _change(values: Mapping[str, float], precision: str) -> float:
    # Two perfect frames are equal, though infinity minus infinity is not zero.
    if values[precision] == values["fp32"]:
        return 0.0
    return values[precision] - values["fp32"]


def check_picture(result: PictureResult) -> None:
    """Hold what a picture gave against the tolerances.

    Raises:
        AccuracyError: a frame is too far from the network, or a PSNR from that of fp32.
    """
    # Negated, so that NaN fails too.
    if not result.frame_difference <= FRAME_TOLERANCE:
        raise AccuracyError(
            f"the fp32 graphs differ by {result.frame_difference:.2g} from the network on the test "
            f"picture {result.picture}, allowed is {FRAME_TOLERANCE:g}; nothing was written"
        )
    changes: List[Tuple[str, str, float]] = [
        (assignment, precision, _change(values, precision))
        for assignment, values in result.psnr.items()
        for precision in values
    ]
    for assignment, precision, change in changes:
        if not abs(change) <= PSNR_TOLERANCE:
            raise AccuracyError(
                f"{precision} changes PSNR by {change:+.3f} dB on the test picture "
                f"{result.picture} ({assignment}), allowed is {PSNR_TOLERANCE} dB; nothing was "
                "written: export with --precision fp32"
            )
