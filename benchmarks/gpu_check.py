"""`make gpu-check`: all that wants an NVIDIA GPU, in one call, into one folder.

Builds the engines of every shipped model in every precision, holds them against the processor
(`export --engine`, then `verify` on each device that is there), and times them (`benchmarks.gpu`).
Each step is a process of its own: one that crashes is a line of the report. Without torch all but
the times is done.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Callable, Dict, List, NamedTuple, Optional

from benchmarks.gpu_check_report import Step, report
from pcsr_edge.errors import AccuracyError, BackendUnavailableError
from pcsr_edge.runtime.bundle import load_bundle, shipped_bundles
from pcsr_edge.streams import write_message, write_result

SIZE = "480x270"
"""Of the frames that engines are built for."""
PRECISIONS = ("fp32", "fp16", "int8")


class Done(NamedTuple):
    """What a process left."""

    code: int
    out: str
    err: str


Call = Callable[[List[str]], Done]
"""Runs `python ARGS…`."""


def call_python(args: List[str]) -> Done:
    """Run a process of this Python."""
    done = subprocess.run(
        [sys.executable, *args], capture_output=True, encoding="utf-8", check=False
    )
    return Done(done.returncode, done.stdout, done.stderr)


def arguments(argv: Any = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Check everything that wants an NVIDIA GPU.")
    parser.add_argument("--models", default="", help="names (default: all that have graphs)")
    parser.add_argument("--size", default=SIZE, help="LR size of the frames (default %(default)s)")
    parser.add_argument("--no-times", action="store_true", help="check alone, measure no times")
    parser.add_argument("-o", "--output", type=Path, default=Path("out/gpu-check"), help="folder")
    return parser.parse_args(argv)


class Check:
    """Goes through the steps, and keeps what each said in the folder.

    Args:
        folder: of the report.
        call: runs a process.
    """

    def __init__(self, folder: Path, call: Call) -> None:
        self._folder, self._call = folder, call
        self.steps: List[Step] = []
        folder.mkdir(parents=True, exist_ok=True)

    def run(self, name: str, args: List[str]) -> Step:
        """Run a step and keep its output as NAME.json, its messages as NAME.log."""
        write_message(name)
        begin = time.perf_counter()
        done = self._call(args)
        (self._folder / f"{name}.json").write_text(done.out, encoding="utf-8")
        (self._folder / f"{name}.log").write_text(done.err, encoding="utf-8")
        seconds = time.perf_counter() - begin
        step = Step(name, done.code, seconds, _document(done.out), _last_line(done.err))
        self.steps.append(step)
        return step

    def command(self, name: str, *words: str) -> Step:
        """Run a command of pcsr-edge with --json as a step."""
        return self.run(name, ["-m", "pcsr_edge", *words, "--json"])


def _document(text: str) -> Optional[Dict[str, Any]]:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else ""


def check(args: argparse.Namespace, call: Call) -> List[Step]:
    """Run all steps.

    Raises:
        BackendUnavailableError: TensorRT cannot be used.
    """
    found = Check(args.output, call)
    found.command("doctor", "doctor")
    names = [name for name in args.models.split(",") if name] or list(shipped_bundles())
    for name in names:
        _check_model(found, name, args.size)
    found.command("engines", "engines", "list")
    if not args.no_times and find_spec("torch") is None:
        write_message("times are left out: the benchmark needs torch")
    elif not args.no_times:
        found.run("times", ["-m", "benchmarks.gpu", "-o", str(args.output / "times")])
    return found.steps


def _check_model(found: Check, name: str, size: str) -> None:
    manifest = load_bundle(name).manifest
    if not manifest.graph_names():
        return
    for precision in (p for p in PRECISIONS if p in manifest.precisions):
        words = ("export", name, "--engine", "--size", size, "--precision", precision)
        step = found.command(f"{name}.{precision}.engines", *words)
        if step.code == BackendUnavailableError.exit_code:
            # It is so for all of them.
            raise BackendUnavailableError(step.message)
    for device in ("trt", "cuda"):
        found.command(f"{name}.{device}.verify", "verify", name, "--backend", device)


def main(argv: Any = None, call: Call = call_python) -> int:
    """Check, print and write the report; 0 where all passed, 3 without a GPU, 4 else."""
    args = arguments(argv)
    try:
        steps = check(args, call)
    except BackendUnavailableError as exc:
        # As the command said it.
        write_message(str(exc))
        return exc.exit_code
    text = report(steps)
    (args.output / "report.md").write_text(text, encoding="utf-8")
    whole = {"schema_version": 1, "steps": [step.to_dict() for step in steps]}
    (args.output / "report.json").write_text(json.dumps(whole, indent=2), encoding="utf-8")
    write_result(text)
    return AccuracyError.exit_code if any(step.failed for step in steps) else 0


if __name__ == "__main__":
    sys.exit(main())
