"""Planes of video through an edge-SR network, without a detour over RGB."""

from __future__ import annotations

from concurrent.futures import Executor
from fractions import Fraction
from typing import Any, List

import numpy as np
import numpy.typing as npt

from pcsr_edge.runtime.bicubic import resize
from pcsr_edge.runtime.buffers import FRESH, Allocator
from pcsr_edge.runtime.codes import from_codes, to_codes
from pcsr_edge.runtime.colour import Range
from pcsr_edge.runtime.geometry import Span
from pcsr_edge.runtime.luma import Block, LumaNetwork, cut
from pcsr_edge.runtime.yuv import Yuv, YuvFormat


def upscale_planes(
    network: LumaNetwork,
    threads: int,
    pool: Executor,
    frame: Yuv,
    form: YuvFormat,
    memory: Allocator = FRESH,
) -> Yuv:
    """Super-resolve luma by the network and enlarge chroma by bicubic interpolation.

    Args:
        network: its scale is that of the result.
        threads: blocks that are worked on at once.
        pool: works on them; as many threads.
        frame: checked planes (see `check_yuv`), which are not changed.
        form: of the planes, and of the result.
        memory: makes the result.

    Returns:
        Codes in the same format: luma (h*scale, w*scale), chroma half of that, rounded up.
    """
    height, width = frame.y.shape
    size = height * network.scale, width * network.scale
    out = memory.empty(size, frame.y.dtype)

    def run(block: Block) -> None:
        window = from_codes(
            cut(frame.y, block, network.radius), form.bits, form.swing, chroma=False
        )
        _to_studio(window, form.swing)
        sr = network.run(window)
        _from_studio(sr, form.swing)
        out[block.sr(network.scale)] = to_codes(sr, form.bits, form.swing, chroma=False)

    def enlarge(plane: npt.NDArray[Any]) -> npt.NDArray[Any]:
        # The ratio of the sizes differs from the scale where an odd size was rounded up.
        scale = Fraction(network.scale)
        return resize(
            plane,
            ((size[0] + 1) // 2, (size[1] + 1) // 2),
            scale=(scale, scale),
            siting=form.siting,
            white=2**form.bits - 1,
            memory=memory,
        )

    chroma = [pool.submit(enlarge, plane) for plane in (frame.cb, frame.cr)]
    blocks: List[Block] = network.blocks(Span(0, height), Span(0, width), threads)
    for _ in pool.map(run, blocks):
        pass
    return Yuv(out, chroma[0].result(), chroma[1].result())


def _to_studio(plane: npt.NDArray[np.float32], swing: Range) -> None:
    """Bring luma of another swing to what networks were trained on, in place."""
    if swing is not Range.STUDIO:
        plane *= np.float32(Range.STUDIO.luma_span / swing.luma_span)
        plane += np.float32((Range.STUDIO.black - swing.black) / 255)


def _from_studio(plane: npt.NDArray[np.float32], swing: Range) -> None:
    if swing is not Range.STUDIO:
        plane -= np.float32((Range.STUDIO.black - swing.black) / 255)
        plane *= np.float32(swing.luma_span / Range.STUDIO.luma_span)
