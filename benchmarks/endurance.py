"""`python -m benchmarks.endurance`: whether memory stays flat over 10 000 frames of video.

A film of small frames is drawn, upscaled to another one in this process, and the resident memory
is read on the way. Linux alone. Writes endurance.json and prints the table.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
from pathlib import Path
from typing import Any, Dict, List

import av
import numpy as np

from pcsr_edge.runtime.upscaler import Upscaler
from pcsr_edge.runtime.video.job import VideoJob
from pcsr_edge.runtime.video.request import Progress, VideoRequest

STEP = 500
"""Frames between two readings."""
STATM = Path("/proc/self/statm")


def resident_mib() -> float:
    """Return the resident memory of this process."""
    pages = int(STATM.read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def draw(path: Path, frames: int, height: int, width: int) -> None:
    """Write a film of a moving pattern."""
    rows, cols = np.mgrid[: height * 3 // 2, :width]
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number in range(frames):
            codes = 128 + 90 * np.sin((rows + cols + 3 * number) / 7)
            picture = av.VideoFrame.from_ndarray(codes.astype(np.uint8), format="yuv420p")
            output.mux(stream.encode(picture))
        output.mux(stream.encode(None))


def run(model: str, source: Path, target: Path) -> Dict[str, Any]:
    """Upscale the film; return what was read, after every `STEP` frames."""
    readings: List[float] = []

    def watch(progress: Progress) -> None:
        if progress.state.done // STEP >= len(readings):
            readings.append(resident_mib())

    with Upscaler.load(model, threads=1) as upscaler:
        job = VideoJob(VideoRequest(source, target, scale=4.0), upscaler)
        result = job.run(watch)
    # The last one is of the end, when stages give back what they held.
    half = readings[len(readings) // 2 : -1]
    growth = statistics.linear_regression(range(len(half)), half).slope * 1000 / STEP
    return {
        "model": model,
        "frames": result.checked.frames,
        "resident_mib": [round(value, 1) for value in readings],
        "growth_mib_per_1000_frames": round(growth, 3),
    }


def main() -> None:
    """Run each model over the film."""
    parser = argparse.ArgumentParser(description="Read the memory over many frames of video.")
    parser.add_argument("--models", nargs="+", default=["bicubic", "esr-max-x4", "plain-s-x4"])
    parser.add_argument("--frames", type=int, default=10_000)
    parser.add_argument("--size", type=int, nargs=2, default=(48, 64), metavar=("H", "W"))
    parser.add_argument("-o", "--output", type=Path, default=Path("out/bench"), help="folder")
    args = parser.parse_args()
    found = []
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "in.mp4"
        draw(source, args.frames, args.size[0], args.size[1])
        for model in args.models:
            found.append(run(model, source, Path(folder) / f"{model}.mp4"))
            print(json.dumps(found[-1]), flush=True)
    args.output.mkdir(parents=True, exist_ok=True)
    (args.output / "endurance.json").write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
