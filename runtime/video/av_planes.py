"""Pictures of PyAV as planes and back, and what a stream says of them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, List, Optional, Tuple

import numpy as np
import numpy.typing as npt

from pcsr_edge.runtime.colour import Range
from pcsr_edge.runtime.sampling import Siting
from pcsr_edge.runtime.video.colour_tags import settle
from pcsr_edge.runtime.video.convert import subsampled
from pcsr_edge.runtime.video.deinterlacing import DONE
from pcsr_edge.runtime.video.frame import Tags, VideoFacts
from pcsr_edge.runtime.video.inventory import Inventory
from pcsr_edge.runtime.video.library import pyav
from pcsr_edge.runtime.yuv import Yuv, YuvFormat

DEPTHS = {"yuv420p": 8, "yuvj420p": 8, "yuv420p10le": 10}
"""Formats whose planes are taken as they are, and their depth."""
FORMATS = {8: "yuv420p", 10: "yuv420p10le"}
WIDE = {
    ((1, 1), 8): "yuv444p",
    ((1, 1), 10): "yuv444p10le",
    ((1, 4), 8): "yuv411p",
}
"""Formats whose chroma is resampled here, by subsampling and depth: FFmpeg brings chroma of
another width to the middle of two luma samples, whatever the siting is."""
CENTRED = ("mjpeg", "mpeg1video", "mjpegb", "ljpeg")
"""Codecs whose chroma lies amid its four luma samples."""
FULL = 2
"""Full range, as FFmpeg numbers it."""
BT709 = 1


def facts_of(stream: Any, first: Any, inventory: Inventory) -> VideoFacts:
    """Return what holds for a stream, from its header and its first picture."""
    context = stream.codec_context
    size = first.height, first.width
    form, notes = _form(first, context.name)
    colours = settle(_tags(first, context), size)
    if first.interlaced_frame:
        notes.append(DONE)
    if inventory.missing_seconds:
        notes.append(
            f"its header announces {inventory.announced_seconds:.1f} s, {inventory.seconds:.1f} s "
            "are there: the file seems cut off"
        )
    if inventory.missing:
        notes.append(
            f"its header announces {inventory.announced} frames, {inventory.frames} are there: "
            "the file seems cut off"
        )
    return VideoFacts(
        size=size,
        form=form,
        matrix=colours.matrix,
        tags=colours.tags,
        time_base=stream.time_base,
        rate=stream.average_rate or stream.guessed_rate,
        frames=inventory.frames,
        aspect=_aspect(stream.sample_aspect_ratio),
        rotation=rotation_of(first, stream),
        mirror=mirror_of(first),
        notes=(*colours.notes, *notes),
    )


def rotation_of(picture: Any, stream: Any) -> int:
    """Return by how many degrees counter-clockwise players turn the picture: 0…359."""
    turned: Any = getattr(picture, "rotation", None)
    if turned is None:
        # PyAV 12 knows it of the stream alone.
        turned = stream.side_data.get("DISPLAYMATRIX", 0)
    return int(round(turned) % 360)


def mirror_of(picture: Any) -> Optional[Tuple[int, ...]]:
    """Return the matrix that players show the picture by, None where it does not mirror."""
    for data in picture.side_data:
        if getattr(data.type, "name", "") == "DISPLAYMATRIX":
            matrix = tuple(int(number) for number in np.frombuffer(data, "<i4")[:9])
            turns_over = matrix[0] * matrix[4] < matrix[1] * matrix[3]
            return matrix if turns_over else None
    return None


def planes_of(picture: Any, form: YuvFormat) -> Yuv:
    """Return the planes of a picture as 4:2:0 codes of `form`: views, where it has them so."""
    name, bits = picture.format.name, form.bits
    if name == "nv12" and bits == 8:
        y, both = _plane(picture, 0, 8), _plane(picture, 1, 8, pairs=True)
        return Yuv(y, both[:, 0::2], both[:, 1::2])
    factors = (1, 1) if picture.format.is_rgb else _subsampling(picture.format)
    if factors is not None and (factors, bits) in WIDE:
        picture = _reformatted(picture, WIDE[factors, bits], form.swing)
        y, cb, cr = (_plane(picture, index, bits) for index in range(3))
        return Yuv(y, *(subsampled(plane, y.shape, form) for plane in (cb, cr)))
    if DEPTHS.get(name) != bits:
        picture = _reformatted(picture, FORMATS[bits], form.swing)
    return Yuv(*(_plane(picture, index, bits) for index in range(3)))


def picture_of(planes: Yuv) -> Any:
    """Return planes as a new picture of PyAV: 8 bits for uint8, 10 for uint16.

    Args:
        planes: of any size.
    """
    height, width = planes.y.shape
    bits = 8 if planes.y.itemsize == 1 else 10
    # Not one that was used before: an encoder with threads of its own may still read from it.
    picture = pyav().VideoFrame(width, height, FORMATS[bits])
    for index, plane in enumerate(planes):
        _plane(picture, index, bits)[...] = plane
    return picture


def _plane(picture: Any, index: int, bits: int, pairs: bool = False) -> npt.NDArray[Any]:
    plane = picture.planes[index]
    dtype = np.dtype(np.uint8 if bits == 8 else "<u2")
    rows = np.frombuffer(plane, dtype).reshape(-1, plane.line_size // dtype.itemsize)
    return rows[: plane.height, : plane.width * (2 if pairs else 1)]


def _reformatted(picture: Any, name: str, swing: Range) -> Any:
    """Change depth, subsampling or packing; the colours of RGB become BT.709, studio range."""
    from av.video.reformatter import ColorRange, Colorspace

    if not picture.format.is_rgb:
        # FFmpeg has ideas of its own of the ranges of some formats; PyAV 12 leaves them to it.
        by_name = picture.format.name.startswith(("yuvj", "gray"))
        if by_name and swing is Range.FULL and name.endswith("p"):
            name = name.replace("yuv", "yuvj")
        same = ColorRange.JPEG if swing is Range.FULL else ColorRange.MPEG
        return picture.reformat(format=name, src_color_range=same, dst_color_range=same)
    return picture.reformat(
        format=name,
        src_color_range=ColorRange.JPEG,
        dst_colorspace=Colorspace.ITU709,
        dst_color_range=ColorRange.MPEG,
    )


def _form(picture: Any, codec: str) -> Tuple[YuvFormat, List[str]]:
    """Return how planes of a picture are to be read, and what the conversion to them loses."""
    layout = picture.format
    depth = layout.components[0].bits
    notes = []
    if depth > 10:
        notes.append(f"its {depth} bits are brought to 10")
    # Gray may have it as well, as the second of two.
    if len(layout.components) in (2, 4) or layout.has_palette:
        notes.append("its transparency is not kept")
    if layout.is_rgb:
        notes.append("its RGB becomes 4:2:0 video, BT.709")
    elif _subsampling(layout) not in ((2, 2), None):
        notes.append("its chroma is brought to 4:2:0")
    full = int(picture.color_range) == FULL or layout.name.startswith("yuvj")
    swing = Range.FULL if full and not layout.is_rgb else Range.STUDIO
    siting = Siting.CENTRE if codec in CENTRED else Siting.LEFT
    return YuvFormat(swing, 8 if depth <= 8 else 10, siting), notes


def _subsampling(layout: Any) -> Optional[Tuple[int, int]]:
    """Return how many rows and columns one sample of chroma stands for; None for gray."""
    if len(layout.components) < 3:
        return None
    width, height = 64, 64
    return height // layout.chroma_height(height), width // layout.chroma_width(width)


def _tags(picture: Any, context: Any) -> Tags:
    if picture.format.is_rgb:
        return Tags(BT709, BT709, BT709)
    return Tags(int(picture.colorspace), int(context.color_primaries), int(context.color_trc))


def _aspect(value: Any) -> Optional[Fraction]:
    return Fraction(value) if value and value > 0 else None
