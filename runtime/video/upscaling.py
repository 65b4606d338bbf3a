"""Upscales frames of video: as planes where the model can, through RGB where it cannot."""

from __future__ import annotations

import time
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import Any, Dict, Mapping, Optional, Tuple

import numpy as np
import numpy.typing as npt

from pcsr_edge.errors import InputError
from pcsr_edge.runtime.bicubic import resize
from pcsr_edge.runtime.buffers import FRESH, Allocator, Buffers, ByPlane
from pcsr_edge.runtime.bundle import Bundle
from pcsr_edge.runtime.colour import Matrix
from pcsr_edge.runtime.geometry import Span
from pcsr_edge.runtime.ladder.probe_picture import probe_picture
from pcsr_edge.runtime.pixels import PIXEL
from pcsr_edge.runtime.upscaler import Upscaler
from pcsr_edge.runtime.video.convert import from_rgb, to_rgb
from pcsr_edge.runtime.video.frame import Frame, VideoFacts
from pcsr_edge.runtime.video.later import Later, now
from pcsr_edge.runtime.video.paced import PacedUpscaler
from pcsr_edge.runtime.video.reach import Reach
from pcsr_edge.runtime.video.regions import Box
from pcsr_edge.runtime.video.reuse import PlaneReuse, Reuse, RgbReuse
from pcsr_edge.runtime.yuv import Yuv

Pixels = npt.NDArray[np.float32]

SHARED = 64 * 2**20
"""Bytes of a frame's SR pixels up to which another thread may make planes of them while the next
frame is upscaled: memory for one or two frames of them more is taken for it, and kept."""


class FrameUpscaler:
    """Upscales the frames of one stream, one after the other.

    A frame that equals the one before is not computed again, nor are parts that did not change.

    Args:
        upscaler: the model.
        facts: of the stream.
        size: (H, W) of the result.
        options: further arguments of `Upscaler.run`.
        threshold: codes by which samples of an unchanged part may differ; 0 is exact.
        segment: frames after which those before are forgotten, where a threshold makes results
            depend on them: a run may go on from there. 0 is never.

    Raises:
        InputError: the model takes RGB, which cannot be made of the stream's colours.
        UsageError: the model cannot make frames of this size, or takes no such option.
    """

    def __init__(
        self,
        upscaler: Upscaler,
        facts: VideoFacts,
        size: Tuple[int, int],
        options: Mapping[str, Any],
        threshold: int = 0,
        segment: int = 0,
    ) -> None:
        self._number, self._segment = 0, segment if threshold else 0
        self._upscaler, self._facts, self._size = upscaler, facts, size
        self._options: Dict[str, Any] = dict(options)
        self._memory = Buffers()
        upscaler.check(facts.size, size=size, **self._options)
        self._before: Optional[Tuple[Frame, Later[Yuv]]] = None
        self.reused = 0
        """Frames that were equal to the one before."""
        # What keeps a budget is measured with all that belongs to a frame.
        room = size[0] * size[1] * PIXEL.itemsize
        self._shares = not isinstance(upscaler, PacedUpscaler) and room <= SHARED
        self._parts: Optional[Reuse] = None
        scale = _whole_scale(facts.size, size)
        # ADM and budgets look at the whole frame, so no part of it stands by itself.
        whole = self._options.get("adaptive") or isinstance(upscaler, PacedUpscaler)
        # Patches lie on a grid from the frame's corner, not from that of a part.
        whole = whole or upscaler.bundle.manifest.by_patch
        if scale is not None and not whole:
            self._parts = self._reuse(scale, threshold)
        if isinstance(upscaler, PacedUpscaler):
            upscaler.prepare(facts.size, size, halo=bool(self._options.get("halo")))
        if facts.matrix is None and not (self._is_bicubic() or self._takes_planes()):
            raise InputError(
                f"colour matrix {facts.tags.matrix} of the stream is none that RGB can be made "
                "with; expected BT.601, BT.709 or BT.2020: convert the video first"
            )
        if isinstance(upscaler, PacedUpscaler):
            drawn = from_rgb(
                probe_picture(*facts.size).astype(np.float32) / np.float32(255),
                facts.form,
                Matrix.BT709,
            )
            upscaler.rehearse(lambda: self._upscaled(Frame(drawn, 0)).get())

    def __call__(self, frame: Frame) -> Frame:
        """Upscale one frame, whose picture is there.

        Raises:
            EngineError: the backend failed.
        """
        return self.begin(frame).completed()

    def begin(self, frame: Frame) -> Frame:
        """Upscale one frame up to what another thread may do as well: see `Frame.completed`.

        Raises:
            EngineError: the backend failed.
        """
        begin = time.perf_counter()
        if self._segment and self._number % self._segment == 0:
            self._before = None
            if self._parts is not None:
                self._parts.forget()
        self._number += 1
        if self._before is not None and _same(frame, self._before[0]):
            self.reused += 1
            self._not_paced(1)
            return replace(frame, planes=None, rgb=None, coded=self._before[1])
        coded = self._upscaled(frame)
        if not self._shares:
            coded.get()
        self._before = frame, coded
        if frame.bicubic:
            # It tells nothing of what the gear takes.
            self._not_paced(1)
        elif isinstance(self._upscaler, PacedUpscaler):
            self._upscaler.observe((time.perf_counter() - begin) * 1e3)
        return replace(frame, planes=None, rgb=None, coded=coded)

    def skip(self, frames: int) -> None:
        """Count frames of an earlier run."""
        self._number += frames
        self._not_paced(frames)

    def _not_paced(self, frames: int) -> None:
        """Tell of frames that the gear does not make."""
        if isinstance(self._upscaler, PacedUpscaler):
            self._upscaler.skip(frames)

    def _upscaled(self, frame: Frame) -> Later[Yuv]:
        planes = frame.planes
        if planes is None:
            assert frame.rgb is not None
            return Later(partial(self._code, self._run(frame.rgb)))
        if frame.bicubic or self._is_bicubic():
            return now(enlarged(planes, self._size, self._facts, self._memory))
        if self._parts is not None:
            return self._parts(planes)
        if self._takes_planes():
            return now(self._compute(planes))
        return Later(partial(self._code, self._enlarge(planes)))

    @property
    def computed_share(self) -> float:
        """Share of the pixels that were computed, of the frames that differed."""
        if self._parts is None or self._parts.total == 0:
            return 1.0
        return self._parts.computed / self._parts.total

    def _takes_planes(self) -> bool:
        """Return whether the model takes luma as it is, and makes a result of this size."""
        manifest = self._upscaler.bundle.manifest
        scale = _whole_scale(self._facts.size, self._size)
        return manifest.method == "edge-sr" and manifest.scale == scale

    def _reuse(self, scale: int, threshold: int) -> Reuse:
        """Return what keeps unchanged parts."""
        manifest = self._upscaler.bundle.manifest
        reach = Reach(
            max(1, manifest.receptive_field),
            scale,
            smoothing=int(manifest.method == "pcsr"),
            block=max(1, manifest.block),
        )
        if self._takes_planes():
            return PlaneReuse(self._compute, reach, threshold, self._memory)
        return RgbReuse(self._enlarge, self._code, reach, threshold, self._memory)

    def _compute(self, planes: Yuv) -> Yuv:
        """Upscale planes without RGB, those of a part of a frame too."""
        memory = self._memory_for(planes.y, self._facts.size)
        return self._upscaler.upscale_planes(*planes, self._facts.form, memory)

    def _enlarge(self, planes: Yuv, core: Optional[Box] = None) -> Pixels:
        """Make the SR pixels of planes, those of a part of a frame too; only `core` may be used."""
        assert self._facts.matrix is not None
        memory = ByPlane(self._memory_for(planes.y, self._facts.size))
        rgb = to_rgb(planes, self._facts.form, self._facts.matrix, memory)
        return self._run(rgb, core)

    def _run(self, rgb: Pixels, core: Optional[Box] = None) -> Pixels:
        (height, width), (rows, cols) = rgb.shape[:2], self._facts.size
        size = self._size
        if (height, width) != (rows, cols):
            size = height * size[0] // rows, width * size[1] // cols
        memory = layout(self._upscaler.bundle, self._memory_for(rgb, self._facts.size))
        options = dict(self._options)
        if core is not None:
            options["core"] = Span(core.top, core.bottom), Span(core.left, core.right)
        image: Pixels = self._upscaler.run(rgb, size=size, memory=memory, **options).image
        return image

    def _code(self, rgb: Pixels) -> Yuv:
        """Make planes of SR pixels, those of a part of a frame too."""
        assert self._facts.matrix is not None
        memory = self._memory_for(rgb, self._size)
        return from_rgb(rgb, self._facts.form, self._facts.matrix, memory)

    def _memory_for(self, pixels: npt.NDArray[Any], whole: Tuple[int, int]) -> Allocator:
        """Return what makes arrays: parts have a size of their own, which hardly comes again."""
        return self._memory if pixels.shape[:2] == whole else FRESH

    def _is_bicubic(self) -> bool:
        """Return whether the model is bicubic, which needs no RGB."""
        return self._upscaler.bundle.manifest.method == "bicubic"


def layout(bundle: Bundle, memory: Allocator) -> Allocator:
    """Return what makes the SR pixels of a model so that planes are soon made of them."""
    # PCSR writes pixel by pixel, the others phase by phase.
    return memory if bundle.manifest.method == "pcsr" else ByPlane(memory)


def enlarged(
    planes: Yuv, size: Tuple[int, int], facts: VideoFacts, memory: Allocator = FRESH
) -> Yuv:
    """Bring planes to another size (H, W) of luma by bicubic interpolation, without RGB."""
    height, width = planes.y.shape
    half = (size[0] + 1) // 2, (size[1] + 1) // 2
    white = 2**facts.form.bits - 1
    # Chroma of an odd size is rounded up, so its own sizes do not give the magnification.
    scale = Fraction(size[0], height), Fraction(size[1], width)
    chroma = [
        resize(plane, half, scale=scale, siting=facts.form.siting, white=white, memory=memory)
        for plane in (planes.cb, planes.cr)
    ]
    return Yuv(resize(planes.y, size, white=white, memory=memory), chroma[0], chroma[1])


def _whole_scale(lr: Tuple[int, int], hr: Tuple[int, int]) -> Optional[int]:
    """Return the magnification of both axes if it is one whole number."""
    scale = hr[0] // lr[0]
    return scale if scale > 0 and hr == (lr[0] * scale, lr[1] * scale) else None


def _same(frame: Frame, before: Frame) -> bool:
    if frame.bicubic != before.bicubic or (frame.planes is None) != (before.planes is None):
        return False
    if frame.planes is None or before.planes is None:
        assert frame.rgb is not None
        assert before.rgb is not None
        return np.array_equal(frame.rgb, before.rgb)
    return all(np.array_equal(new, old) for new, old in zip(frame.planes, before.planes))
