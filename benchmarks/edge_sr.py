"""`python -m benchmarks.edge_sr`: the edge-SR family in our runtime, and literally exported.

Luma alone, LR plane in, SR plane out, float32: what the network costs. The literal export runs
in one session of all threads on the whole picture, ours block by block as in the runtime. The two
take turns; ratios are taken round by round. Weights are random, since they change no time; PSNR
is the published one. Writes edge_sr.json and edge_sr.md, and prints the table.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Callable, Dict, List, Tuple

import numpy as np
import numpy.typing as npt
import torch

from benchmarks.literal import literal_graph
from benchmarks.timing import Spread, interleave, ratios
from pcsr_edge.export.edge_graph import edge_graph
from pcsr_edge.export.edge_translation import cell_flops
from pcsr_edge.export.graph_builder import model_bytes
from pcsr_edge.export.memory import peak_floats_per_cell
from pcsr_edge.models import ModelId, OneChannel, edge_network
from pcsr_edge.runtime.backends.onnxruntime import OnnxRuntimeBackend
from pcsr_edge.runtime.crew import Crew
from pcsr_edge.runtime.geometry import Span
from pcsr_edge.runtime.luma import Block, LumaNetwork, cut
from pcsr_edge.runtime.manifest import Manifest
from pcsr_edge.runtime.published import measurements

Plane = npt.NDArray[np.float32]

IDS = (
    "Bicubic-PS_s4",
    "eSR-MAX_s4_K3_C2",
    "eSR-MAX_s4_K7_C4",
    "eSR-TR_s4_K5_C2",
    "eSR-TM_s4_K5_C4",
    "eSR-TM_s4_K7_C16",
    "eSR-CNN_s4_C2_D3_S6",
    "ESPCN_s4_D4_S12",
    "ESPCN_s4_D16_S6",
    "ESPCN_s4_D16_S32",
    "FSRCNN_s4_D44_S9_M4",
)
TOLERANCE = 1e-5
"""Greatest difference between the two graphs, of the output's range."""


@dataclass(frozen=True)
class Row:
    """One model."""

    id: str
    psnr: float
    """Published, Set5, dB."""
    ours_ms: Spread
    literal_ms: Spread
    times_as_fast: Spread
    """Of the literal export."""
    pareto: bool
    """Whether no other row is both faster, in our runtime, and better."""


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Time the edge-SR family.")
    parser.add_argument("ids", nargs="*", default=list(IDS), help="model ids (default: x4)")
    parser.add_argument("--size", default="420x276", help="LR size (default 420x276)")
    parser.add_argument("--rounds", type=int, default=15, help="measured rounds (default 15)")
    parser.add_argument("--threads", type=int, default=2, help="threads for everyone (default 2)")
    parser.add_argument("-o", "--output", type=Path, default=Path("out/bench"), help="folder")
    return parser.parse_args()


def ours(model: OneChannel, plane: Plane, threads: int, pool: Crew) -> Callable[[], Plane]:
    """Return what runs `plane` through our graph as the runtime does."""
    graph = edge_graph(model, "fp32", {})
    manifest = Manifest(
        name=model.config.text,
        method="edge-sr",
        scale=model.config.scale,
        channels="y",
        backbone_flops_per_cell=cell_flops(model),
        receptive_field=model.receptive_radius,
        activation_floats_per_cell=peak_floats_per_cell(graph),
        precisions={},
    )
    network = LumaNetwork(manifest, OnnxRuntimeBackend().load(model_bytes(graph), 1))
    height, width = plane.shape
    out = np.empty((height * network.scale, width * network.scale), np.float32)

    def run_block(block: Block) -> None:
        out[block.sr(network.scale)] = network.run(cut(plane, block, network.radius))

    def run() -> Plane:
        for _ in pool.map(run_block, network.blocks(Span(0, height), Span(0, width), threads)):
            pass
        return out

    return run


def literal(model: OneChannel, plane: Plane, threads: int) -> Callable[[], Plane]:
    """Return what runs `plane` through the literal graph, zeros around it.

    With ONNX Runtime's own settings, its memory arena among them, which large graphs like.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(
        model_bytes(literal_graph(model)), options, providers=["CPUExecutionProvider"]
    )
    return lambda: session.run(["sr"], {"y": plane[None, None]})[0][0, 0]


def _check_equal(name: str, radius: int, pair: Tuple[Plane, Plane]) -> None:
    """Hold the two against each other where the edges' treatment does not reach."""
    left, right = (p[radius : len(p) - radius, radius : p.shape[1] - radius] for p in pair)
    difference = float(np.abs(left - right).max() / max(1.0, np.abs(right).max()))
    if difference > TOLERANCE:
        raise AssertionError(f"{name}: ours and the literal export differ by {difference:.2g}")


def measure(args: argparse.Namespace) -> List[Row]:
    """Time every model."""
    width, height = map(int, args.size.split("x"))
    plane = np.random.default_rng(0).random((height, width), dtype=np.float32)
    quality = {entry.model: entry.psnr["Set5"] for entry in measurements()}
    found: List[Tuple[str, float, List[float], List[float]]] = []
    with Crew(args.threads) as pool:
        for name in args.ids:
            torch.manual_seed(0)
            model = edge_network(ModelId(name)).eval().requires_grad_(False)
            runs: Dict[str, Callable[[], Any]] = {
                "ours": ours(model, plane, args.threads, pool),
                "literal": literal(model, plane, args.threads),
            }
            rounds = interleave(runs, args.rounds)
            margin = model.receptive_radius * model.config.scale
            _check_equal(name, margin, (rounds["ours"].results[-1], rounds["literal"].results[-1]))
            psnr = quality[name.replace("-PS", "")]
            found.append((name, psnr, rounds["ours"].wall, rounds["literal"].wall))
    points = [(Spread.of(mine).median, psnr) for _, psnr, mine, _ in found]
    return [
        Row(
            name,
            psnr,
            Spread.of(mine),
            Spread.of(theirs),
            ratios(mine, theirs),
            not any(ms < own and dB > psnr for ms, dB in points),
        )
        for (name, psnr, mine, theirs), (own, _) in zip(found, points)
    ]


def markdown(rows: List[Row], args: argparse.Namespace) -> str:
    """Render the table, fastest first."""
    lines = [
        f"LR {args.size}, luma alone, {args.threads} threads, {args.rounds} rounds, "
        "median (quartiles); * on the Pareto line of these",
        "",
        "| model | published PSNR, Set5 | ours, ms | literal export, ms | times as fast |",
        "| --- | --- | --- | --- | --- |",
    ]
    for row in sorted(rows, key=lambda row: row.ours_ms.median):
        ours_ms, literal_ms, ratio = row.ours_ms, row.literal_ms, row.times_as_fast
        lines.append(
            f"| {row.id}{' *' if row.pareto else ''} | {row.psnr:.2f} "
            f"| {ours_ms.median:.1f} ({ours_ms.low:.1f}-{ours_ms.high:.1f}) "
            f"| {literal_ms.median:.1f} ({literal_ms.low:.1f}-{literal_ms.high:.1f}) "
            f"| {ratio.median:.1f} ({ratio.low:.1f}-{ratio.high:.1f}) |"
        )
    return "\n".join(lines) + "\n"


def main() -> int:
    """Run, print and write."""
    args = arguments()
    rows = measure(args)
    table = markdown(rows, args)
    args.output.mkdir(parents=True, exist_ok=True)
    document = {"schema_version": 1, "size": args.size, "models": [asdict(row) for row in rows]}
    (args.output / "edge_sr.json").write_text(json.dumps(document, indent=2), encoding="utf-8")
    (args.output / "edge_sr.md").write_text(table, encoding="utf-8")
    sys.stdout.write(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
