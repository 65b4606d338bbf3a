"""Frames of a video through a loaded model, with decoding, colour and encoding."""

from __future__ import annotations

import time
from contextlib import closing
from fractions import Fraction
from pathlib import Path
from typing import Any, Dict, Iterator, Mapping, Optional, Tuple

import numpy as np

from pcsr_edge.calib.profiling import Frame, PeakMemory
from pcsr_edge.calib.profiling.frame import DECODE, ENCODE
from pcsr_edge.cli.profiling.workload import Pixels, UpscalerWorkload
from pcsr_edge.errors import UsageError
from pcsr_edge.runtime.buffers import Buffers, ByPlane
from pcsr_edge.runtime.colour import Matrix
from pcsr_edge.runtime.upscaler import Upscaler
from pcsr_edge.runtime.video import frame as video
from pcsr_edge.runtime.video.av_source import AvSource
from pcsr_edge.runtime.video.convert import from_rgb, to_rgb
from pcsr_edge.runtime.video.encoder import Encoder
from pcsr_edge.runtime.video.encoding import choose_encoding, coded_size
from pcsr_edge.runtime.video.film_sink import FilmSink
from pcsr_edge.runtime.video.upscaling import enlarged, layout
from pcsr_edge.runtime.yuv import Yuv, YuvFormat

FRAMES = 24
"""Of the clip, which is played again and again."""
STEP = 2
"""Pixels by which the picture moves from one frame to the next."""
RATE = Fraction(25)
LOOK_AHEAD = 250
"""Frames that an encoder may take in before it begins to work, at most; none of them counts."""
BT709 = 1
"""As ITU-T H.273 numbers it: matrix, primaries and transfer."""


def write_clip(picture: Pixels, path: Path) -> None:
    """Write a video in which a picture moves sideways, and comes in again on the other side.

    Args:
        picture: uint8 (h, w, 3).
        path: with the suffix of a container.

    Raises:
        UsageError: the encoder takes even sizes only.
        PcsrEdgeError: PyAV is not installed, or cannot write such a file.
    """
    facts = _facts(picture.shape[:2])
    encoding = choose_encoding(path, facts.form.bits)
    height, width = coded_size(encoding, facts.size)
    if (height, width) != facts.size:
        raise UsageError(
            f"frames of {encoding.codec} cannot be {facts.size[1]}x{facts.size[0]}; expected even "
            f"sizes: take --size {width}x{height}, or another --format"
        )
    sink = FilmSink(path, encoding, facts, facts.size)
    try:
        for number in range(FRAMES):
            moved = np.roll(picture, STEP * number, axis=1).astype(np.float32) / np.float32(255)
            sink.write(video.Frame(from_rgb(moved, facts.form, Matrix.BT709), number))
        sink.finish()
    finally:
        sink.abort()


class VideoWorkload(UpscalerWorkload):
    """Takes the frames of a clip through an upscaler again and again.

    Every frame is computed whole, though video reuses what did not change. Encoders and decoders
    have threads of their own: what they do meanwhile shows in the upscaling, not in their stages.

    Args:
        upscaler: stays the caller's.
        picture: uint8 (h, w, 3), what the clip was made of.
        options: arguments of `Upscaler.run`, with `size`.
        memory: asked for its peak after each frame.
        source: see `write_clip`.
        target: its suffix says how frames are encoded; nothing is written there.

    Raises:
        UsageError: the model cannot do what the options ask for.
    """

    def __init__(
        self,
        upscaler: Upscaler,
        picture: Pixels,
        options: Mapping[str, Any],
        memory: PeakMemory,
        source: Optional[Path],
        target: Optional[Path],
    ) -> None:
        assert source is not None
        assert target is not None
        super().__init__(upscaler, picture, options, memory, source, target)
        self._buffers, self._facts = Buffers(), _facts(picture.shape[:2])
        upscaler.check(self._facts.size, **self._options)
        self._frames = _endless(source, upscaler.threads)
        encoding = choose_encoding(target, self._facts.form.bits, threads=upscaler.threads)
        self._encoder = Encoder(encoding, self._facts, self._options["size"])
        self._count = 0

    def run(self) -> Frame:
        """Decode, upscale and encode the next frame.

        Raises:
            EngineError: the backend failed.
        """
        told = self._memory.reset()
        planes, decoding = next(self._frames)
        begin = time.perf_counter()
        large, stages, fractions = self._enlarged(planes)
        upscale_ms = _ms_since(begin)
        self._fill(large)
        begin = time.perf_counter()
        self._encode(large)
        around = {DECODE: decoding, ENCODE: _ms_since(begin)}
        return Frame(
            upscale_ms=upscale_ms,
            stages_ms={**stages, **around},
            fractions=fractions,
            peak_bytes=self._memory.peak_bytes() if told else None,
        )

    def _enlarged(self, planes: Yuv) -> Tuple[Yuv, Dict[str, float], Tuple[float, ...]]:
        """Return the large planes, the ms of stages, and the shares of classes."""
        manifest = self._upscaler.bundle.manifest
        size, facts = self._options["size"], self._facts
        begin = time.perf_counter()
        if manifest.method == "bicubic":
            large = enlarged(planes, size, facts, self._buffers)
            return large, {"bicubic": _ms_since(begin)}, (1.0,)
        if manifest.method == "edge-sr":
            large = self._upscaler.upscale_planes(*planes, facts.form, self._buffers)
            return large, {"network": _ms_since(begin)}, (1.0,)
        by_plane = ByPlane(self._buffers)
        rgb = to_rgb(planes, facts.form, Matrix.BT709, by_plane)
        into_rgb = _ms_since(begin)
        memory = layout(self._upscaler.bundle, self._buffers)
        result = self._upscaler.run(rgb, memory=memory, **self._options)
        begin = time.perf_counter()
        large = from_rgb(result.image, facts.form, Matrix.BT709, self._buffers)
        stages = {name: ms for name, ms in result.times.items() if name != "total"}
        stages["preprocess"] = stages.get("preprocess", 0.0) + into_rgb
        stages["postprocess"] = stages.get("postprocess", 0.0) + _ms_since(begin)
        return large, stages, result.fractions

    def _fill(self, planes: Yuv) -> None:
        """Let the encoder look as far ahead as it wants to, before the first frame."""
        if self._count == 0:
            while not self._encode(planes) and self._count < LOOK_AHEAD:
                pass

    def _encode(self, planes: Yuv) -> bool:
        """Return whether a packet came out."""
        self._count += 1
        return bool(self._encoder.encode(video.Frame(planes, self._count)))


def _endless(clip: Path, threads: int) -> Iterator[Tuple[Yuv, float]]:
    """Yield the frames of a clip again and again, and the ms that decoding each took."""
    inventory = None
    while True:
        source = AvSource(clip, threads, inventory)
        inventory = source.inventory
        with closing(source):
            frames = source.frames()
            next(frames)  # decoded while the file was opened
            begin = time.perf_counter()
            for frame in frames:
                assert frame.planes is not None
                yield frame.planes, _ms_since(begin)
                begin = time.perf_counter()


def _facts(size: Tuple[int, ...]) -> video.VideoFacts:
    height, width = size
    tags = video.Tags(BT709, BT709, BT709)
    return video.VideoFacts((height, width), YuvFormat(), Matrix.BT709, tags, 1 / RATE, RATE)


def _ms_since(begin: float) -> float:
    return (time.perf_counter() - begin) * 1e3
