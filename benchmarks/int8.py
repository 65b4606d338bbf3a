"""`python -m benchmarks.int8`: int8 against float32 on the CPU, model by model, in turns.

Models are calibrated into a scratch folder on the pictures that come along. Those whose layers are
not worth int8 are timed all the same, with every layer in int8, to show why they are not.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, Dict, List

import numpy as np
import onnx

import pcsr_edge
from benchmarks import machine
from benchmarks.bench import PHOTO, picture
from benchmarks.timing import interleave, ratios
from pcsr_edge.calib.frames import frame_channel
from pcsr_edge.calib.int8.addition import write_with_int8
from pcsr_edge.calib.int8.calibrate import calibrate_int8
from pcsr_edge.calib.int8.candidate import Candidate
from pcsr_edge.calib.int8.layers import is_transposed, worthy_layers
from pcsr_edge.calib.int8.ranges import PERCENTILE, activation_ranges
from pcsr_edge.calib.int8.recording import recorded_calls
from pcsr_edge.calib.int8.search import Layer
from pcsr_edge.calib.pictures import judging_pairs, judging_scale
from pcsr_edge.cli.tables import table
from pcsr_edge.runtime.backends import OnnxRuntimeBackend
from pcsr_edge.runtime.bundle import Bundle, load_bundle
from pcsr_edge.runtime.quality import psnr
from pcsr_edge.runtime.resample import crop_to_multiple, downscale
from pcsr_edge.runtime.upscaler import Upscaler

MODELS = (
    "plain-s-x4",
    "plain-m-x4",
    "plain-l-x4",
    "pcsr-fast-x4",
    "pcsr-fsrcnn-x4",
    "pcsr-fsrcnn-x2",
    "esr-max-x4",
    "esr-tm-x4",
    "esr-tr-x4",
)
EXACT, FAST, STORED = "fp32", "int8", "int8 as stored"


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Time int8 against float32 on the CPU.")
    parser.add_argument("models", nargs="*", default=MODELS, help="names (default: several)")
    parser.add_argument(
        "--photo", type=Path, default=PHOTO, help="HR photograph (default: demo's, repeated)"
    )
    parser.add_argument("--rounds", type=int, default=7, help="measured rounds (default 7)")
    parser.add_argument("--threads", type=int, default=1, help="threads (default 1)")
    parser.add_argument("-o", "--output", type=Path, default=Path("out/int8"), help="folder")
    return parser.parse_args()


def calibrated(bundle: Bundle, folder: Path) -> Bundle:
    """Return `bundle` with int8 graphs, whether they are worth it or not."""
    pairs = judging_pairs(None, judging_scale(bundle.manifest))
    exact = {name: bundle.graph(name) for name in bundle.manifest.precisions["fp32"]}
    models = {name: onnx.load_model_from_string(content) for name, content in exact.items()}
    if any(map(worthy_layers, models.values())):
        return calibrate_int8(bundle, folder, pairs).bundle
    calls = recorded_calls(bundle, pairs)
    ranges = {name: activation_ranges(exact[name], calls[name], PERCENTILE) for name in calls}
    layers = [
        Layer(name, node.name)
        for name, model in models.items()
        for node in model.graph.node
        if node.op_type == "Conv" or (node.op_type == "Gemm" and is_transposed(node))
    ]
    graphs = Candidate(PERCENTILE, models, ranges).graphs(layers)
    return write_with_int8(bundle, folder, graphs, {})


def measure(bundle: Bundle, hr: Any, args: argparse.Namespace) -> List[Dict[str, Any]]:
    """Time a calibrated model in its settings; return a row for each."""
    scale = judging_scale(bundle.manifest)
    truth = crop_to_multiple(hr, scale)
    lr = downscale(truth, scale)
    settings: Dict[str, Dict[str, Any]] = {"default": {}}
    if bundle.manifest.has_classes:
        settings["all heavy"] = {"force_class": 0}
    rows = []
    with ExitStack() as stack:
        ups = {
            name: stack.enter_context(
                Upscaler(bundle, backend, precision=precision, threads=args.threads)
            )
            for name, backend, precision in (
                (EXACT, OnnxRuntimeBackend(), "fp32"),
                (FAST, OnnxRuntimeBackend(), "int8"),
                (STORED, OnnxRuntimeBackend(as_stored=True), "int8"),
            )
        }
        for setting, options in settings.items():
            runs = {n: partial(up.run, lr, scale=scale, **options) for n, up in ups.items()}
            row: Dict[str, Any] = {"model": bundle.name, "setting": setting}
            row.update(cpu_ms={}, wall_ms={}, psnr_db={})
            for name, rounds in interleave(runs, args.rounds).items():
                row["cpu_ms"][name], row["wall_ms"][name] = rounds.cpu, rounds.wall
                image = rounds.results[-1].image
                row["psnr_db"][name] = psnr(image, truth, frame_channel(bundle.manifest), scale)
            rows.append(row)
    return rows


def text(rows: List[Dict[str, Any]]) -> str:
    """Return the table: of processor time, and how much faster by the clock."""
    header = (
        *("model", "setting", "fp32 ms", "int8 ms", "faster", "as stored", "by the clock"),
        "PSNR change",
    )
    return table(
        header,
        [
            (
                row["model"],
                row["setting"],
                f"{np.median(row['cpu_ms'][EXACT]):.1f}",
                f"{np.median(row['cpu_ms'][FAST]):.1f}",
                *(_faster(row["cpu_ms"], name) for name in (FAST, STORED)),
                _faster(row["wall_ms"], FAST),
                f"{row['psnr_db'][FAST] - row['psnr_db'][EXACT]:+.3f}",
            )
            for row in rows
        ],
        left=2,
    )


def _faster(taken: Dict[str, Any], name: str) -> str:
    return f"{ratios(taken[name], taken[EXACT]).median:.2f}"


def main() -> None:
    """Measure, print the table, write `int8.json`."""
    args = arguments()
    hr = picture(args.photo)
    rows: List[Dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as scratch:
        for name in args.models:
            bundle = calibrated(load_bundle(name), Path(scratch) / "bundles" / Path(name).name)
            rows += measure(bundle, hr, args)
            print(f"measured {name}", file=sys.stderr)
    args.output.mkdir(parents=True, exist_ok=True)
    document = {
        "pcsr_edge": pcsr_edge.__version__,
        "machine": machine.description(),
        "threads": args.threads,
        "rows": rows,
    }
    (args.output / "int8.json").write_text(json.dumps(document, indent=2), encoding="utf-8")
    print(text(rows))


if __name__ == "__main__":
    main()
