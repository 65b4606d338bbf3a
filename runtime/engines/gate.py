"""The accuracy gate of engines: whole frames of them against float32 on the processor."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterator, List, Tuple

import numpy as np
import numpy.typing as npt

from pcsr_edge.runtime.device_frames.workspace import NotFiniteError
from pcsr_edge.runtime.engines.proof import Proof
from pcsr_edge.runtime.engines.verdict import ALLOWED_DB, Verdict
from pcsr_edge.runtime.manifest import Manifest, trained_scale
from pcsr_edge.runtime.photograph import photograph
from pcsr_edge.runtime.quality import luma, psnr_change
from pcsr_edge.runtime.resample import crop_to_multiple, downscale
from pcsr_edge.runtime.tiling import TileOption

if TYPE_CHECKING:
    from pcsr_edge.runtime.upscaler import Upscaler

Pixels = npt.NDArray[np.uint8]
Size = Tuple[int, int]
SCALE = 4
"""For models that have no scale of their own."""
ROWS = 256
"""That are compared at a time: frames may be large, and memory small."""


def prove(judged: Upscaler, proof: Proof, size: Size, say: Callable[[str], None]) -> None:
    """Judge the engines that a frame has just used, unless they were, and refuse bad ones.

    Args:
        judged: ran the frame.
        proof: knows its engines.
        size: (h, w) of what the engines saw of the frame at a time, in LR pixels.
        say: told that this takes time, and what came of it.

    Raises:
        AccuracyError: an engine gives other pictures than it should.
        EngineError: an engine or the processor failed, or the verdict cannot be kept.
    """
    with proof.judging() as begun:
        if begun:
            say(
                f"holding the engines of {judged.bundle.name} against float32 on the processor, "
                "once; what comes of it is kept beside them"
            )
            verdict = verdict_on(judged, size)
            proof.settle(verdict)
            say(str(verdict))
    proof.check()


def verdict_on(judged: Upscaler, size: Size, tile: TileOption = "off") -> Verdict:
    """Run a photograph of a size in every class, on engines and in float32 on the processor.

    Args:
        judged: runs the engines.
        size: (h, w) of the LR frame.
        tile: how the engines' frames are cut; by default each is one tile.

    Raises:
        BackendUnavailableError: ONNX Runtime is missing.
        EngineError: an engine failed, or the processor.
    """
    from pcsr_edge.runtime.backends.onnxruntime import OnnxRuntimeBackend
    from pcsr_edge.runtime.upscaler import Upscaler

    with Upscaler(judged.bundle, OnnxRuntimeBackend()) as reference:
        return compare_engines(judged, reference, judged.precision, size, tile)


def compare_engines(
    judged: Upscaler,
    reference: Upscaler,
    precision: str,
    size: Size,
    tile: TileOption = "off",
) -> Verdict:
    """Compare the frames of two upscalers; see `verdict_on`."""
    manifest = judged.bundle.manifest
    lr, hr = photograph_of_size(manifest, size)
    whole = hr.shape[0], hr.shape[1]
    changes: List[float] = []
    worst, problem = 0, None
    for options in settings(manifest):
        try:
            found = judged.run(lr, size=whole, tile=tile, **options).image
        except NotFiniteError as exc:
            problem, found = str(exc), np.zeros_like(hr)
        expected = reference.run(lr, size=whole, **options).image
        if problem is None and expected.any() and not found.any():
            problem = "they give a frame that is black all over"
        truths = (_psnr(image, hr, manifest) for image in (found, expected))
        changes.append(psnr_change(*truths))
        worst = max(worst, *(_steps(found, expected, part) for part in _parts(hr)))
    change = max(changes, key=abs)
    return Verdict(manifest.name, precision, change, worst, ALLOWED_DB[precision], problem)


def photograph_of_size(manifest: Manifest, size: Size) -> Tuple[Pixels, Pixels]:
    """Return a photograph, degraded and true, mirrored until its LR size (h, w) is reached."""
    scale = trained_scale(manifest) or SCALE
    hr = crop_to_multiple(photograph(), scale)
    return _mirrored(downscale(hr, scale), size), _mirrored(hr, (size[0] * scale, size[1] * scale))


def _mirrored(image: Pixels, size: Size) -> Pixels:
    rows, cols = (
        np.pad(np.arange(n), (0, max(0, wanted - n)), mode="symmetric")[:wanted]
        for n, wanted in zip(image.shape, size)
    )
    found: Pixels = image[rows[:, None], cols]
    return found


def settings(manifest: Manifest) -> Iterator[Dict[str, Any]]:
    """Go through arguments of `Upscaler.run`: the defaults, and each class everywhere."""
    yield {}
    if manifest.has_classes:
        for j in range(len(manifest.classes)):
            yield {"force_class": j}


def _parts(image: Pixels) -> Iterator[slice]:
    for top in range(0, len(image), ROWS):
        yield slice(top, top + ROWS)


def _steps(one: Pixels, other: Pixels, part: slice) -> int:
    return int(np.abs(one[part].astype(np.int16) - other[part]).max())


def _psnr(image: Pixels, truth: Pixels, manifest: Manifest) -> float:
    total, count = 0.0, 0
    for part in _parts(truth):
        pair = image[part], truth[part]
        # Of what the network makes.
        one, other = map(luma, pair) if manifest.channels == "y" else (p / 1.0 for p in pair)
        total += float(np.square(one - other).sum())
        count += one.size
    return math.inf if total == 0 else 10 * math.log10(255.0**2 * count / total)
