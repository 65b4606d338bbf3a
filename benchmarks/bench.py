"""`make bench`: our runtime and its peers on one picture, in turns, in one process.

Writes bench.json, bench.md and bench.png to the output folder, and prints the tables. Ratios are
taken round by round, so that drift of the machine cancels out.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import tempfile
import time
from contextlib import ExitStack
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Dict, List

import numpy as np
from PIL import Image

import pcsr_edge
from benchmarks import cascades, contenders, efficiency, machine, report
from benchmarks.family import ROOT, SCALE, Family, families
from benchmarks.targets import checks
from benchmarks.timing import interleave, ratios
from pcsr_edge.runtime.quality import psnr
from pcsr_edge.runtime.resample import crop_to_multiple, downscale
from pcsr_edge.runtime.result import Result
from pcsr_edge.runtime.stopwatch import Stopwatch
from pcsr_edge.runtime.upscaler import Upscaler

PHOTO = ROOT / "cli" / "assets" / "photo.png"
WEIGHTS = ROOT.parent / "shared" / "data" / "weights" / "pcsr"
LEAST = 420, 276
"""Smallest LR width and height that the targets speak of."""


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Time our runtime against its peers.")
    parser.add_argument(
        "--photo", type=Path, default=PHOTO, help="HR photograph (default: demo's, repeated)"
    )
    parser.add_argument(
        "--weights", type=Path, default=WEIGHTS, help="folder of the published weights"
    )
    parser.add_argument("--superres", type=Path, help="model file for OpenCV's dnn_superres")
    parser.add_argument("--rounds", type=int, default=7, help="measured rounds (default 7)")
    parser.add_argument("--threads", type=int, default=2, help="threads for everyone (default 2)")
    parser.add_argument("-o", "--output", type=Path, default=Path("out/bench"), help="folder")
    return parser.parse_args()


def picture(path: Path) -> Any:
    """Return the HR picture, repeated and mirrored until it is as large as the targets say."""
    hr = np.array(Image.open(path).convert("RGB"))
    while hr.shape[1] < LEAST[0] * SCALE or hr.shape[0] < LEAST[1] * SCALE:
        axis = int(hr.shape[1] * LEAST[1] < hr.shape[0] * LEAST[0])
        hr = np.concatenate([hr, np.flip(hr, axis)], axis)
    return np.ascontiguousarray(crop_to_multiple(hr, SCALE))


def measure_family(
    family: Family, args: argparse.Namespace, hr: Any, others: bool
) -> Dict[str, Any]:
    """Time one family's networks; with the peers of no family where `others` is set."""
    lr = downscale(hr, SCALE)
    with ExitStack() as stack:
        up = stack.enter_context(Upscaler.load(family.bundle, threads=args.threads))
        one = stack.enter_context(Upscaler.load(family.bundle, threads=1))
        label = f"{up.bundle.name} k=0, one thread"
        found = contenders.ours(up, lr)
        found.append(contenders.Contender(label, lambda: one.run(lr, k=0.0)))
        found += contenders.baseline(family, lr, args.threads)
        found += contenders.naive_torch(family, up, lr, args.threads)
        if others:
            found += contenders.plain_networks(SCALE, lr, args.threads, stack)
            found += cascades.cascades(SCALE, lr, args.threads, stack)
            found += contenders.bicubic(lr, SCALE)
            found += contenders.dnn_superres(lr, SCALE, args.superres)
        taken = interleave({c.name: c.run for c in found}, args.rounds)
    rows: List[Dict[str, Any]] = []
    for name, rounds in taken.items():
        result = rounds.results[-1]
        row: Dict[str, Any] = {"name": name, "wall_ms": rounds.wall, "cpu_ms": rounds.cpu}
        row["psnr_rgb"] = psnr(contenders.picture_of(result), hr, "rgb", SCALE)
        if isinstance(result, Result):
            row["stages_ms"] = efficiency.median_stages(rounds.results[:-1])
            row["fractions"] = [float(f) for f in result.fractions]
        rows.append(row)
    return {"name": up.bundle.name, "backbone": family.backbone, "contenders": rows} | _derived(
        family, up, rows, lr.shape[0] * lr.shape[1], label
    )


def _derived(
    family: Family, up: Upscaler, rows: List[Dict[str, Any]], cells: int, label: str
) -> Dict[str, Any]:
    """Work out what the targets ask of a family."""
    named = {row["name"]: row for row in rows}
    manifest, name = up.bundle.manifest, up.bundle.name
    heavy, light = named[f"{name} all heavy"], named[f"{name} all light"]
    setting = "k=1" if family.backbone == "carn" else "k=0"
    kept = {
        clock: efficiency.kept_promise(
            manifest, float(np.median(heavy[f"{clock}_ms"])), float(np.median(light[f"{clock}_ms"]))
        )
        for clock in ("wall", "cpu")
    }
    return {
        "kept_promise": kept,
        "moving_share": efficiency.moving_share(named[f"{name} {setting}"]["stages_ms"]),
        "two_threads": ratios(named[f"{name} k=0"]["wall_ms"], named[label]["wall_ms"]).median,
        "gflops": efficiency.speeds(family, manifest, cells, heavy["stages_ms"]),
        "peak_gflops": machine.matrix_peak(),
    }


def measure(args: argparse.Namespace) -> Dict[str, Any]:
    """Run the benchmark and return its document."""
    hr = picture(args.photo)
    # On a busy machine a stage's time on the clock is mostly that of others.
    Stopwatch.clock = staticmethod(time.thread_time)
    with tempfile.TemporaryDirectory() as scratch:
        found = families(args.weights, Path(scratch))
        measured = [measure_family(f, args, hr, f is found[0]) for f in found]
        small = Path(scratch) / "small.png"
        Image.fromarray(hr[:64, :64]).save(small)
        growth = [str(found[0].bundle), str(args.threads), str(args.photo)]
        process = {
            "growth": machine.apart("growth", growth),
            "start_up": machine.start_up(small, Path(scratch) / "large.png"),
        }
    return {
        "schema_version": 2,
        "lr_size": f"{hr.shape[1] // SCALE}x{hr.shape[0] // SCALE}",
        "scale": SCALE,
        "threads": args.threads,
        "rounds": args.rounds,
        "machine": machine.description(),
        "software": {
            "pcsr_edge": pcsr_edge.__version__,
            "onnxruntime": metadata.version("onnxruntime"),
            "python": platform.python_version(),
        },
        "families": measured,
        "process": process,
        "targets": [c._asdict() for c in checks(measured, process)],
    }


def main() -> int:
    """Run, print and write."""
    args = arguments()
    document = measure(args)
    held = checks(document["families"], document["process"])
    tables = report.contender_table(document), report.stage_table(document)
    text = "\n".join([*tables, report.target_table(held)])
    args.output.mkdir(parents=True, exist_ok=True)
    (args.output / "bench.json").write_text(json.dumps(document, indent=2), encoding="utf-8")
    (args.output / "bench.md").write_text(text, encoding="utf-8")
    if find_spec("matplotlib") is not None:
        report.draw(document, args.output / "bench.png")
    sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
