"""YUV4MPEG2: raw 4:2:0 video through pipes, as FFmpeg and VapourSynth speak it."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, BinaryIO, Dict, Iterator, List, Optional, Tuple

import numpy as np
import numpy.typing as npt

from pcsr_edge.errors import InputError, OutputError
from pcsr_edge.runtime.colour import Range
from pcsr_edge.runtime.sampling import Siting
from pcsr_edge.runtime.video.colour_tags import settle
from pcsr_edge.runtime.video.frame import Frame, Tags, VideoFacts
from pcsr_edge.runtime.yuv import Yuv, YuvFormat

MAGIC = b"YUV4MPEG2"
CUT = "the stream ends within it"
_LINE = 256
"""Longest header that is read."""
_COLOURS = {
    "420jpeg": (8, Siting.CENTRE),
    "420": (8, Siting.CENTRE),
    "420mpeg2": (8, Siting.LEFT),
    "420paldv": (8, Siting.TOP_LEFT),
    "420p10": (10, Siting.LEFT),
}
"""Depth and siting by the parameter C; without it a stream is 420jpeg."""
_NAMES = {
    (8, Siting.CENTRE): "420jpeg",
    (8, Siting.LEFT): "420mpeg2",
    (8, Siting.TOP_LEFT): "420paldv",
}


class Y4mSource:
    """A `FrameSource` of a pipe.

    Args:
        stream: bytes.
        name: of the stream, for messages.

    Raises:
        InputError: it is no Y4M, or of a kind that is not known.
    """

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._stream, self._name = stream, name
        fields = self._header()
        if fields.get("I", "p") not in ("p", "?"):
            raise InputError(
                f"{name} is interlaced, which a Y4M pipe is not taken with; make whole pictures of "
                "it first: ffmpeg -i IN -vf bwdif -f yuv4mpegpipe -"
            )
        try:
            self.facts = _facts(fields)
        except (KeyError, ValueError, ZeroDivisionError) as exc:
            raise InputError(
                f"{name}: the Y4M header lacks or contradicts itself in {exc}; expected W, H, F "
                "and 4:2:0 in 8 or 10 bits: convert with `ffmpeg -pix_fmt yuv420p`"
            ) from exc

    def frames(self) -> Iterator[Frame]:
        """Yield every frame; see `FrameSource`.

        Raises:
            InputError: there is none, or something else between two.
        """
        pts = 0
        while True:
            line = self._stream.readline(_LINE)
            if not line and pts == 0:
                raise InputError(
                    f"{self._name}: a Y4M header came, and not one frame; see what the program "
                    "says that writes it"
                )
            if not line:
                return
            if not line.endswith(b"\n") and b"FRAME".startswith(line[:5]):
                yield Frame(None, pts, 1, damage=CUT)
                return
            if not line.startswith(b"FRAME"):
                raise InputError(f"{self._name}: frame {pts} begins with {line[:12]!r}, not FRAME")
            planes = self._planes()
            if planes is None:
                yield Frame(None, pts, 1, damage=CUT)
                return
            yield Frame(planes, pts, 1)
            pts += 1

    def close(self) -> None:
        """Leave the stream open: it is another's."""

    def _header(self) -> Dict[str, str]:
        line = self._stream.readline(_LINE)
        if not (line.startswith(MAGIC) and line.endswith(b"\n")):
            raise InputError(
                f"{self._name} is no Y4M stream: it begins with {line[:12]!r}; expected "
                f"{MAGIC.decode()}, as `ffmpeg -i IN -f yuv4mpegpipe -` writes it"
            )
        words = line[len(MAGIC) :].decode("ascii", "replace").split()
        fields = {word[0]: word[1:] for word in words if word[0] != "X"}
        full = any(word == "XCOLORRANGE=FULL" for word in words)
        return {**fields, "range": "full" if full else "limited"}

    def _planes(self) -> Optional[Yuv]:
        """Read the planes of a frame; None where the stream ends within them."""
        height, width = self.facts.size
        half = (height + 1) // 2, (width + 1) // 2
        dtype = np.dtype(np.uint8 if self.facts.form.bits == 8 else "<u2")
        planes: List[npt.NDArray[Any]] = []
        for rows, cols in ((height, width), half, half):
            data = self._stream.read(rows * cols * dtype.itemsize)
            if len(data) < rows * cols * dtype.itemsize:
                return None
            planes.append(np.frombuffer(data, dtype).reshape(rows, cols))
        return Yuv(*planes)


class Y4mSink:
    """A `FrameSink` to a pipe, on which nothing else may be written.

    Args:
        stream: bytes.
        facts: of the frames.
        size: (H, W) of the frames.
    """

    def __init__(self, stream: BinaryIO, facts: VideoFacts, size: Tuple[int, int]) -> None:
        self._stream = stream
        self._write(_header(facts, size))

    def write(self, frame: Frame) -> None:
        """Take one frame; see `FrameSink`."""
        assert frame.planes is not None
        self._write(b"FRAME\n")
        for plane in frame.planes:
            self._write(np.ascontiguousarray(plane).data)

    def finish(self) -> None:
        """Write out what is buffered."""
        try:
            self._stream.flush()
        except OSError as exc:
            raise _unwritable(exc) from exc

    def abort(self) -> None:
        """Do nothing: what was written is gone."""

    def _write(self, data: Any) -> None:
        try:
            self._stream.write(data)
        except OSError as exc:
            raise _unwritable(exc) from exc


def _facts(fields: Dict[str, str]) -> VideoFacts:
    size = int(fields["H"]), int(fields["W"])
    if min(size) < 1:
        raise ValueError("W or H")
    rate = Fraction(fields["F"].replace(":", "/"))
    if rate <= 0:
        raise ValueError("F")
    bits, siting = _COLOURS[fields.get("C", "420jpeg")]
    swing = Range.FULL if fields["range"] == "full" else Range.STUDIO
    colours = settle(Tags(), size)
    numbers = [int(number) for number in fields.get("A", "0:0").split(":")]
    return VideoFacts(
        size,
        YuvFormat(swing, bits, siting),
        colours.matrix,
        colours.tags,
        1 / rate,
        rate,
        aspect=Fraction(*numbers) if min(numbers) > 0 else None,
        notes=colours.notes,
    )


def _header(facts: VideoFacts, size: Tuple[int, int]) -> bytes:
    rate = facts.rate or Fraction(25)
    aspect = facts.aspect or Fraction(0)
    words = [
        MAGIC.decode(),
        f"W{size[1]} H{size[0]} F{rate.numerator}:{rate.denominator} Ip",
        f"A{aspect.numerator}:{aspect.denominator if aspect else 0}",
        f"C{_NAMES.get((facts.form.bits, facts.form.siting), '420p10')}",
        f"XCOLORRANGE={'FULL' if facts.form.swing is Range.FULL else 'LIMITED'}",
    ]
    return (" ".join(words) + "\n").encode()


def _unwritable(exc: OSError) -> OutputError:
    return OutputError(f"the frames cannot be written to the pipe: {exc.strerror or exc}")
