"""What the machine can do at most, and what one process takes on it."""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, List, Sequence

import numpy as np

if TYPE_CHECKING:
    from pcsr_edge.runtime.upscaler import Upscaler

SIDE = 1024
"""Of the matrices whose product is timed."""
ROUNDS = 20
SIZES = ((79, 79), (250, 250), (480, 1080), (1080, 1920))
"""LR sizes whose x4 results have 0.1, 1, 8.3 and 33 megapixels."""
STEADY = 1.0
"""Seconds of processor time for which each size is run: a few small frames are no steady state."""


def description() -> Dict[str, Any]:
    """Say what this machine is, and how busy it is."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
        names = [
            line.split(":", 1)[1].strip() for line in text.splitlines() if "model name" in line
        ]
    except OSError:
        names = []
    return {
        "processor": names[0] if names else platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
    }


def matrix_peak() -> float:
    """Return GFLOP/s of one thread in a large float32 product, by processor time."""
    from benchmarks.products import product_session

    session = product_session(SIDE)
    matrix = np.random.default_rng(0).random((SIDE, SIDE), dtype=np.float32)
    seconds: List[float] = []
    for _ in range(ROUNDS):
        begin = time.thread_time()
        session.run(None, {"a": matrix})
        seconds.append(time.thread_time() - begin)
    return float(2 * SIDE**3 / np.median(seconds) / 1e9)


def apart(function: str, arguments: Sequence[str]) -> Any:
    """Run `benchmarks.machine.FUNCTION` in a process of its own and return its result."""
    code = "import sys, json; from benchmarks import machine; "
    code += f"print(json.dumps(machine.{function}(*sys.argv[1:])))"
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def growth(bundle: str, threads: str, photo: str) -> Dict[str, Any]:
    """Upscale ever larger pictures: processor nanoseconds per SR pixel, and peak memory."""
    from PIL import Image

    from pcsr_edge.runtime.upscaler import Upscaler

    source = Image.open(photo).convert("RGB")
    costs: List[float] = []
    with Upscaler.load(bundle, threads=int(threads)) as up:
        for height, width in SIZES:
            lr = np.array(source.resize((width, height), Image.Resampling.BICUBIC))
            costs.append(_steady_cost(up, lr))
        up.run(lr, k=0.0)
    return {"ns_per_pixel": costs, "peak_bytes": _peak_bytes()}


def _steady_cost(up: Upscaler, lr: Any) -> float:
    """Return processor nanoseconds per SR pixel where frames of one size follow each other."""
    from pcsr_edge.runtime.buffers import Buffers

    # As with video: what memory costs that comes fresh from the system is not the network's.
    memory, pixels = Buffers(), 1
    seconds: List[float] = []
    while len(seconds) < 5 or sum(seconds) < STEADY:
        begin = time.process_time()
        # One class: the content of a picture changes with its size.
        pixels = up.run(lr, force_class=1, memory=memory).class_map.size
        seconds.append(time.process_time() - begin)
    # The first two fill the memory of the engines and of the frame.
    return float(np.median(seconds[2:])) / pixels * 1e9


def _peak_bytes() -> int:
    """Return the most memory this process has held."""
    # Not getrusage: its value is inherited from the process that started this one.
    text = Path("/proc/self/status").read_text(encoding="utf-8")
    match = re.search(r"^VmHWM:\s+(\d+) kB", text, re.MULTILINE)
    assert match is not None
    return int(match.group(1)) * 1024


def start_up(source: Path, target: Path) -> Dict[str, float]:
    """Return seconds of `pcsr-edge upscale` on a file, and of `import pcsr_edge`: best of 5."""
    upscale = [sys.executable, "-m", "pcsr_edge", "upscale", str(source), str(target)]
    commands = {
        "upscale": [*upscale, "--overwrite", "-q"],
        "import": [sys.executable, "-c", "import pcsr_edge"],
        "python": [sys.executable, "-c", "pass"],
    }
    best = dict.fromkeys(commands, float("inf"))
    for _ in range(5):
        for name, command in commands.items():
            begin = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            best[name] = min(best[name], time.perf_counter() - begin)
    return {"upscale": best["upscale"], "import": best["import"] - best["python"]}
