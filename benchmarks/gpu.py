"""`make bench-gpu`: our backends for NVIDIA GPUs, naive PyTorch and plain networks, in turns.

On any machine with such a GPU. For every size and scale: time of each, PSNR against the
photograph, and how far a result is from that of the processor in float32. Writes gpu.json and
gpu.md; a document in gpu.json has the fields of that of `make bench`.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
from contextlib import ExitStack
from importlib import metadata
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

import numpy as np
from PIL import Image

import pcsr_edge
from benchmarks import gpu_contenders, machine
from benchmarks.bench import PHOTO, WEIGHTS
from benchmarks.contenders import Contender, picture_of
from benchmarks.efficiency import median_stages
from benchmarks.family import CHECKPOINTS
from benchmarks.gpu_contenders import Entrant
from benchmarks.gpu_report import checks, report
from benchmarks.timing import Rounds, interleave
from pcsr_edge.errors import BackendUnavailableError, PcsrEdgeError
from pcsr_edge.runtime.bundle import Bundle
from pcsr_edge.runtime.cuda_device import first_line
from pcsr_edge.runtime.engine import Backend
from pcsr_edge.runtime.quality import psnr
from pcsr_edge.runtime.resample import downscale
from pcsr_edge.runtime.result import Result
from pcsr_edge.runtime.upscaler import Upscaler
from pcsr_edge.streams import write_message, write_result

SIZES = "480x270,960x540,1920x1080"
ROUNDS = 15
PACKAGES = (
    *("onnxruntime", "onnxruntime-gpu", "tensorrt"),
    *("cupy", "cupy-cuda11x", "cupy-cuda12x", "cupy-cuda13x"),
)
"""That results may depend on."""


def arguments(argv: Any = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Time our GPU backends against their peers.")
    parser.add_argument("--sizes", default=SIZES, help="LR sizes (default %(default)s)")
    parser.add_argument("--scales", default="2,4", help="magnifications (default %(default)s)")
    parser.add_argument("--devices", default="cuda,trt", help="ours (default %(default)s)")
    parser.add_argument("--photo", type=Path, default=PHOTO, help="HR photograph")
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help="folder of baselines")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="measured rounds")
    parser.add_argument("--torch", default="cuda", help="device of PyTorch (default %(default)s)")
    parser.add_argument("-o", "--output", type=Path, default=Path("out/bench-gpu"), help="folder")
    return parser.parse_args(argv)


def open_backends(words: str) -> List[Backend]:
    """Open the devices that are there, for frames of exactly the sizes that come.

    Raises:
        BackendUnavailableError: none is.
    """
    from pcsr_edge.runtime.backends.onnxruntime_cuda import OnnxRuntimeCudaBackend
    from pcsr_edge.runtime.backends.tensorrt import TensorrtBackend

    found: List[Backend] = []
    missing = []
    for word in words.split(","):
        try:
            if word == "trt":
                found.append(TensorrtBackend(0, write_message, exact=True))
            else:
                found.append(OnnxRuntimeCudaBackend(0))
        except BackendUnavailableError as exc:
            missing.append(f"{word}: {exc}")
            write_message(f"left out: {missing[-1]}")
    if not found:
        raise BackendUnavailableError("; ".join(missing))
    return found


def picture(photo: Any, size: Tuple[int, int]) -> Any:
    """Return the photograph, repeated and mirrored, cut to (H, W)."""
    for axis in (0, 1):
        while photo.shape[axis] < size[axis]:
            photo = np.concatenate([photo, np.flip(photo, axis)], axis)
    return np.ascontiguousarray(photo[: size[0], : size[1]])


def measure_model(
    bundle: Bundle, lr: Any, hr: Any, backends: List[Backend], args: argparse.Namespace
) -> Dict[str, Any]:
    """Time one model on every backend; a PCSR network with its peers."""
    scale = bundle.manifest.scale
    assert isinstance(scale, int)
    with Upscaler.load(bundle.folder, device="cpu") as cpu:
        reference = cpu.run(lr).image
    with ExitStack() as stack:
        found = gpu_contenders.ours(bundle, lr, backends, stack)
        if bundle.manifest.method == "pcsr":
            checkpoint = CHECKPOINTS / f"{bundle.name}.pth"
            found.append(gpu_contenders.naive(bundle, checkpoint, lr, args.torch))
            weights = args.weights / f"fsrcnn-x{scale}.pth"
            found += gpu_contenders.baseline(weights, lr, scale, backends)
        able, rows = _tried(found)
        taken = interleave({c.name: c.run for c in able}, args.rounds)
    own = {name for name in taken if name.startswith(f"{bundle.name} k=0 on ")}
    rows += [
        _row(name, rounds, hr, scale, reference if name in own else None)
        for name, rounds in taken.items()
    ]
    return {"name": bundle.name, "backbone": bundle.manifest.method, "contenders": rows}


def _tried(found: List[Entrant]) -> Tuple[List[Contender], List[Dict[str, Any]]]:
    """Make and run everyone once; who fails, mostly for want of memory, is a row with the error."""
    able, failed = [], []
    for entrant in found:
        try:
            contender = Contender(entrant.name, entrant.make())
            contender.run()
        # PyTorch's errors of CUDA are RuntimeErrors, and AssertionErrors where it has no CUDA.
        except (AssertionError, PcsrEdgeError, RuntimeError) as exc:
            failed.append({"name": entrant.name, "error": first_line(exc)})
        else:
            able.append(contender)
    return able, failed


def _row(name: str, rounds: Rounds, hr: Any, scale: int, reference: Any) -> Dict[str, Any]:
    result = rounds.results[-1]
    image = picture_of(result)
    row: Dict[str, Any] = {"name": name, "wall_ms": rounds.wall, "cpu_ms": rounds.cpu}
    row["psnr_rgb"] = psnr(image, hr, "rgb", scale)
    if isinstance(result, Result):
        row["stages_ms"] = median_stages(rounds.results[:-1])
        row["fractions"] = [float(f) for f in result.fractions]
    if reference is not None:
        apart = np.abs(image.astype(np.int16) - reference)
        row["cpu_psnr_rgb"] = psnr(reference, hr, "rgb", scale)
        row["cpu_worst_step"] = int(apart.max())
    return row


def measure(args: argparse.Namespace) -> Iterator[Dict[str, Any]]:
    """Run the benchmark; yield a document for each size and scale."""
    backends = open_backends(args.devices)
    photo = np.array(Image.open(args.photo).convert("RGB"))
    for text in args.sizes.split(","):
        width, height = map(int, text.split("x"))
        for scale in map(int, args.scales.split(",")):
            hr = picture(photo, (height * scale, width * scale))
            lr = downscale(hr, scale)
            measured = [
                measure_model(bundle, lr, hr, backends, args)
                for bundle in gpu_contenders.models(scale)
            ]
            document = _head(args, backends)
            document.update(lr_size=text, scale=scale, families=measured)
            held = checks(measured, f"{text} ×{scale}")
            document["targets"] = [check._asdict() for check in held]
            yield document


def _head(args: argparse.Namespace, backends: List[Backend]) -> Dict[str, Any]:
    device = backends[0].device
    assert device is not None
    software = {"pcsr_edge": pcsr_edge.__version__, "python": platform.python_version()}
    for name in PACKAGES:
        try:
            software[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return {
        "schema_version": 2,
        "rounds": args.rounds,
        "threads": 1,
        "machine": {
            **machine.description(),
            "gpu": device.name,
            "compute_capability": device.capability,
        },
        "software": software,
    }


def main(argv: Any = None) -> int:
    """Run, print and write; 3 where no GPU can be used."""
    args = arguments(argv)
    documents: List[Dict[str, Any]] = []
    try:
        for document in measure(args):
            documents.append(document)
            # What comes next may take an hour, and fail.
            _write(args.output, documents)
    except PcsrEdgeError as exc:
        write_message(f"error: {exc}")
        return exc.exit_code
    write_result(report(documents))
    return 0


def _write(folder: Path, documents: List[Dict[str, Any]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    whole = {"schema_version": 2, "runs": documents}
    (folder / "gpu.json").write_text(json.dumps(whole, indent=2), encoding="utf-8")
    (folder / "gpu.md").write_text(report(documents), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
