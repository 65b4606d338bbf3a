"""`make bench`: our runtime and its peers on one photograph, in turns.

Writes bench.json and bench.md to the output folder, and prints the table. Ratios are taken
round by round against our k = 0, so that drift of the machine cancels out.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
from contextlib import ExitStack
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import Any, Dict, List

import numpy as np
from PIL import Image

import pcsr_edge
from benchmarks.cascades import cascades
from benchmarks.contenders import (
    Contender,
    bicubic,
    naive_torch,
    ours,
    picture_of,
    pillow_bicubic,
    plain_networks,
)
from benchmarks.timing import Spread, interleave, ratios
from pcsr_edge.runtime.quality import psnr
from pcsr_edge.runtime.resample import crop_to_multiple, downscale
from pcsr_edge.runtime.upscaler import Result, Upscaler

ROOT = Path(__file__).parents[1]
PHOTO = ROOT / "cli" / "assets" / "photo.png"
CHECKPOINTS = ROOT / "checkpoints"


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Time our runtime against its peers.")
    parser.add_argument("--photo", type=Path, default=PHOTO, help="HR photograph (default: demo's)")
    parser.add_argument("--model", default="pcsr-fsrcnn-x4", help="model name or bundle folder")
    parser.add_argument("--checkpoint", type=Path, help="its checkpoint (default: ours)")
    parser.add_argument("--rounds", type=int, default=15, help="measured rounds (default 15)")
    parser.add_argument("--threads", type=int, default=2, help="threads for everyone (default 2)")
    parser.add_argument("-o", "--output", type=Path, default=Path("out/bench"), help="folder")
    return parser.parse_args()


def gather_contenders(
    args: argparse.Namespace, up: Upscaler, lr: Any, stack: ExitStack
) -> List[Contender]:
    """List everyone who can take part on this machine."""
    scale = int(up.bundle.manifest.scale)
    found = ours(up, lr)
    found += plain_networks(scale, lr, args.threads, stack)
    found += cascades(scale, lr, args.threads, stack)
    found += [c for c in (bicubic(lr, scale), pillow_bicubic(lr, scale)) if c is not None]
    checkpoint = args.checkpoint or CHECKPOINTS / f"{up.bundle.name}.pth"
    if args.checkpoint is not None or checkpoint.exists():
        found.append(naive_torch(up, checkpoint, lr, args.threads))
    return found


def measure(args: argparse.Namespace) -> Dict[str, Any]:
    """Run the benchmark and return its document."""
    with ExitStack() as stack:
        up = stack.enter_context(Upscaler.load(args.model, threads=args.threads))
        scale = int(up.bundle.manifest.scale)
        hr = crop_to_multiple(np.array(Image.open(args.photo).convert("RGB")), scale)
        lr = downscale(hr, scale)
        contenders = {c.name: c.run for c in gather_contenders(args, up, lr, stack)}
        times, results = interleave(contenders, args.rounds)
        reference = times[f"{up.bundle.name} k=0"]
        rows = []
        for name, values in times.items():
            row: Dict[str, Any] = {"name": name, "time_ms": asdict(Spread.of(values))}
            row["times_as_fast_as_k0"] = asdict(ratios(values, reference))
            row["psnr_rgb"] = psnr(picture_of(results[name]), hr, "rgb", scale)
            if isinstance(results[name], Result):
                row["stages_ms"] = results[name].times
                row["fractions"] = list(results[name].fractions)
            rows.append(row)
    software = {"pcsr_edge": pcsr_edge.__version__, "onnxruntime": metadata.version("onnxruntime")}
    software["python"] = platform.python_version()
    return {
        "schema_version": 1,
        "lr_size": f"{lr.shape[1]}x{lr.shape[0]}",
        "scale": scale,
        "threads": args.threads,
        "rounds": args.rounds,
        "machine": platform.processor() or platform.machine(),
        "software": software,
        "contenders": rows,
    }


def markdown(document: Dict[str, Any]) -> str:
    """Render the table, fastest first."""
    lines = [
        f"LR {document['lr_size']}, ×{document['scale']}, {document['threads']} threads, "
        f"{document['rounds']} rounds, median (quartiles)",
        "",
        "| what | ms | times as fast as k=0 | PSNR RGB |",
        "| --- | --- | --- | --- |",
    ]
    for row in sorted(document["contenders"], key=lambda r: float(r["time_ms"]["median"])):
        time, ratio = row["time_ms"], row["times_as_fast_as_k0"]
        lines.append(
            f"| {row['name']} | {time['median']:.1f} ({time['low']:.1f}-{time['high']:.1f}) "
            f"| {ratio['median']:.2f} ({ratio['low']:.2f}-{ratio['high']:.2f}) "
            f"| {row['psnr_rgb']:.2f} |"
        )
    return "\n".join(lines) + "\n"


def main() -> int:
    """Run, print and write."""
    args = arguments()
    document = measure(args)
    table = markdown(document)
    args.output.mkdir(parents=True, exist_ok=True)
    (args.output / "bench.json").write_text(json.dumps(document, indent=2), encoding="utf-8")
    (args.output / "bench.md").write_text(table, encoding="utf-8")
    sys.stdout.write(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
