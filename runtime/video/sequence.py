"""Numbered pictures as video, and video as numbered pictures."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path
from typing import Iterator, List, Tuple

import numpy as np

from pcsr_edge.errors import InputError, OutputError, PcsrEdgeError, UsageError
from pcsr_edge.runtime.colour import Matrix
from pcsr_edge.runtime.images import Picture, read_picture, write_picture
from pcsr_edge.runtime.video.colour_tags import matrix_of
from pcsr_edge.runtime.video.convert import to_rgb
from pcsr_edge.runtime.video.frame import Frame, Tags, VideoFacts
from pcsr_edge.runtime.video.recognition import NUMBERED
from pcsr_edge.runtime.yuv import YuvFormat

_BT709 = 1


def numbered(name: str, number: int) -> str:
    """Return the name of one file: `%05d` becomes the number, `%%` a percent sign."""
    return NUMBERED.sub(lambda match: match[0] % number, name).replace("%%", "%")


def _refuse_other_than_one_number(pattern: str) -> None:
    if len(NUMBERED.findall(Path(pattern).name)) != 1:
        raise UsageError(f"{pattern} must have one number, as in frame_%05d.png")


def numbered_files(pattern: str) -> List[Path]:
    """Return the files that `frame_%05d.png` stands for, by their numbers, up to the first gap.

    Raises:
        InputError: there are none.
        UsageError: the pattern has more than one number.
    """
    path = Path(pattern)
    _refuse_other_than_one_number(pattern)
    before, after = (re.escape(part.replace("%%", "%")) for part in NUMBERED.split(path.name))
    name = re.compile(before + r"(\d+)" + after)
    found = {}
    for file in path.parent.iterdir() if path.parent.is_dir() else ():
        match = name.fullmatch(file.name)
        if match is not None and numbered(path.name, int(match[1])) == file.name:
            found[int(match[1])] = file
    if not found:
        raise InputError(f"there are no files named like {pattern}")
    numbers = sorted(found)
    if numbers[-1] - numbers[0] + 1 > len(numbers):
        gap = next(n for n in range(numbers[0], numbers[-1]) if n not in found)
        raise InputError(f"{path.parent / numbered(path.name, gap)} is missing among {pattern}")
    return [found[number] for number in numbers]


class PictureSource:
    """A `FrameSource` of pictures, all of one size, at a constant rate.

    Args:
        files: in order.
        rate: pictures per second.

    Raises:
        InputError: the first cannot be read.
    """

    def __init__(self, files: List[Path], rate: Fraction) -> None:
        self._files = files
        first = read_picture(files[0])
        bits = 8 if first.rgb.dtype == np.uint8 else 10
        notes = ("transparency is not kept",) if first.alpha is not None else ()
        self.facts = VideoFacts(
            first.size,
            YuvFormat(bits=bits),
            Matrix.BT709,
            Tags(_BT709, _BT709, _BT709),
            1 / rate,
            rate,
            frames=len(files),
            notes=notes,
        )

    def frames(self) -> Iterator[Frame]:
        """Yield every picture; one that cannot be read is a lost frame."""
        for number, path in enumerate(self._files):
            try:
                picture = read_picture(path)
            except PcsrEdgeError as exc:
                yield Frame(None, number, 1, damage=str(exc))
                continue
            if picture.size != self.facts.size:
                height, width = self.facts.size
                raise InputError(
                    f"{path} is {picture.size[1]}x{picture.size[0]}, the first picture "
                    f"{width}x{height}; a video has one size"
                )
            white = np.float32(255 if picture.rgb.dtype == np.uint8 else 65535)
            yield Frame(None, number, 1, rgb=picture.rgb.astype(np.float32) / white)

    def close(self) -> None:
        """Do nothing: no file stays open."""


class PictureSink:
    """A `FrameSink` that writes numbered pictures.

    Args:
        pattern: such as `frame_%05d.png`; numbers begin at 1.
        facts: of the frames.
        overwrite: whether pictures that exist are replaced.

    Raises:
        UsageError: RGB cannot be made of the colours.
    """

    def __init__(self, pattern: str, facts: VideoFacts, overwrite: bool) -> None:
        self._pattern, self._facts, self._matrix = pattern, facts, matrix_of(facts)
        self._overwrite, self._count = overwrite, 0

    def write(self, frame: Frame) -> None:
        """Take one frame; see `FrameSink`."""
        assert frame.planes is not None
        self._count += 1
        path = Path(self._pattern)
        white, dtype = (255, np.uint8) if self._facts.form.bits == 8 else (65535, np.uint16)
        rgb = to_rgb(frame.planes, self._facts.form, self._matrix)
        pixels = (rgb * white + 0.5).astype(dtype)
        target = path.with_name(numbered(path.name, self._count))
        write_picture(Picture(pixels), target, overwrite=self._overwrite)

    def finish(self) -> None:
        """Do nothing: every picture is complete."""

    def abort(self) -> None:
        """Leave the pictures: each is whole."""


def check_pattern(pattern: str, overwrite: bool) -> Tuple[Path, str]:
    """Make sure that a pattern names numbered pictures of which none exists.

    Raises:
        UsageError: it has more than one number.
        OutputError: the first exists, and `overwrite` is not set.
    """
    path = Path(pattern)
    _refuse_other_than_one_number(pattern)
    first = path.with_name(numbered(path.name, 1))
    if first.exists() and not overwrite:
        raise OutputError(f"{first} exists already; --overwrite replaces it")
    return path.parent, path.name
