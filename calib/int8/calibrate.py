"""From a bundle to the same bundle with graphs in int8."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from pcsr_edge.calib.int8.addition import PRECISION, write_with_int8
from pcsr_edge.calib.int8.candidate import Candidate
from pcsr_edge.calib.int8.judge import Judge
from pcsr_edge.calib.int8.layers import worthy_layers
from pcsr_edge.calib.int8.ranges import PERCENTILE, activation_ranges
from pcsr_edge.calib.int8.recording import recorded_calls
from pcsr_edge.calib.int8.search import Found, Layer, Say, search
from pcsr_edge.calib.target import check_not_shipped
from pcsr_edge.calib.tolerance import TOLERANCES
from pcsr_edge.errors import AccuracyError, BundleError, UsageError
from pcsr_edge.export.bundle_writer import check_target, check_writable
from pcsr_edge.export.pictures import Pair
from pcsr_edge.runtime.backends import OnnxRuntimeBackend
from pcsr_edge.runtime.bundle import Bundle
from pcsr_edge.runtime.engine import Backend

GATE_DB = TOLERANCES[PRECISION].psnr_db


@dataclass(frozen=True)
class Int8Report:
    """What a calibration did."""

    bundle: Bundle
    """As a reader gets it."""
    finder: str
    """How the ranges were found."""
    found: Found
    """What the search found, of the graphs as they are stored."""
    float_layers: Tuple[Layer, ...]
    """Layers that were tried and stay in float32."""
    changes: Mapping[str, float]
    """Backend → change of PSNR in dB as it runs the graphs; the CPU with unsigned activations."""

    def to_dict(self) -> Dict[str, Any]:
        """Return plain data for JSON."""
        return {
            "bundle": str(self.bundle.folder),
            "name": self.bundle.name,
            "ranges": self.finder,
            "int8_layers": sorted(map(str, self.found.chosen)),
            "float_layers": list(map(str, self.float_layers)),
            "psnr_change_db_alone": {str(x): db for x, db in self.found.alone.items()},
            "psnr_change_db": self.found.change,
            "psnr_change_db_by_backend": dict(self.changes),
        }


def check_calibration(bundle: Bundle, folder: Path, overwrite: bool) -> None:
    """Say at once whether a bundle can be calibrated, and the result written to `folder`.

    Raises:
        UsageError: `folder` is one that comes with the package, or the method has no graphs.
        BundleError: `folder` is the bundle's own, and it has int8 graphs already.
        OutputError: something is at `folder` that must not be replaced, or nothing can be written
            there.
    """
    if not bundle.manifest.graph_names():
        raise UsageError(
            f"model {bundle.name} is of method {bundle.manifest.method}, which has no graphs: "
            "there is nothing to calibrate"
        )
    check_not_shipped(bundle, folder)
    own = folder.absolute() == bundle.folder.absolute()
    if own and PRECISION in bundle.manifest.precisions and not overwrite:
        raise BundleError(
            f"bundle {bundle.folder} has int8 graphs already; add --overwrite to make them again"
        )
    if not own:
        check_target(folder, overwrite)
    check_writable(folder)


def calibrate_int8(
    bundle: Bundle,
    folder: Path,
    pairs: Sequence[Pair],
    *,
    finders: Sequence[str] = (PERCENTILE,),
    device: Optional[Backend] = None,
    overwrite: bool = False,
    say: Say = lambda line: None,
) -> Int8Report:
    """Write `bundle` with int8 graphs beside the others.

    Args:
        bundle: of any method with graphs.
        folder: to write to; that of the bundle itself replaces it.
        pairs: pictures that ranges are found and results judged on.
        finders: ways to find ranges, of `ranges.FINDERS`; the better one is taken.
        device: shall run the result as well as the CPU, on which layers are chosen.
        overwrite: replace int8 graphs, or a bundle that is at `folder`.
        say: told how the work goes on.

    Raises:
        UsageError, BundleError, OutputError: see `check_calibration`, or no layer is worth int8.
        EngineError: ONNX Runtime, or the device, cannot run a graph.
        AccuracyError: the pictures change too much. In every case nothing is written.
    """
    import onnx

    check_calibration(bundle, folder, overwrite)
    exact = {n: bundle.graph(n) for n in bundle.manifest.precisions["fp32"]}
    models = {name: onnx.load_model_from_string(content) for name, content in exact.items()}
    worthy = [Layer(name, node) for name, m in models.items() for node in worthy_layers(m)]
    if not worthy:
        raise UsageError(
            f"no graph of model {bundle.name} is worth int8: its layers have too few channels "
            "(docs/int8.md); run it in fp32"
        )
    judge = Judge(bundle, pairs)
    calls = recorded_calls(bundle, pairs)
    # Of a graph that this machine never runs, since another way is faster, nothing is known.
    layers = [layer for layer in worthy if layer.graph in calls]
    candidates: List[Candidate] = []
    for finder in finders:
        worked = dict.fromkeys(layer.graph for layer in layers)
        ranges = {g: activation_ranges(exact[g], calls[g], finder) for g in worked}
        candidate = Candidate(finder, models, ranges)
        candidate.change = judge.change(candidate.graphs(layers))
        say(f"ranges by {finder}: {candidate.change:+.4f} dB with all layers in int8")
        candidates.append(candidate)
    best = min(candidates, key=lambda candidate: abs(candidate.change))
    found = search(layers, lambda chosen: judge.change(best.graphs(chosen)), GATE_DB, say)
    graphs = best.graphs(found.chosen)
    changes: Dict[str, float] = {}
    for backend in [OnnxRuntimeBackend(), *([] if device is None else [device])]:
        changes[backend.name] = change = judge.change(graphs, backend)
        if not abs(change) <= GATE_DB:
            raise AccuracyError(
                f"int8 changes PSNR by {change:+.3f} dB on {backend.name}, allowed is "
                f"{GATE_DB:g} dB; nothing was written"
            )
    kept = tuple(layer for layer in layers if layer not in found.chosen)
    notes = {
        "ranges": best.finder,
        "pictures": [pair.name for pair in pairs],
        "float_layers": list(map(str, kept)),
        "psnr_change_db": round(found.change, 4),
    }
    written = write_with_int8(bundle, folder, graphs, notes)
    return Int8Report(written, best.finder, found, kept, changes)
