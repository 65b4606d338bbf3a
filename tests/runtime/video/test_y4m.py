"""Y4M streams."""

from __future__ import annotations

import io
from fractions import Fraction

import numpy as np
import pytest

from pcsr_edge.errors import InputError, OutputError
from pcsr_edge.runtime.colour import Range
from pcsr_edge.runtime.sampling import Siting
from pcsr_edge.runtime.video.frame import Frame
from pcsr_edge.runtime.video.y4m import Y4mSink, Y4mSource
from pcsr_edge.runtime.yuv import Yuv

FRAME = b"FRAME\n" + bytes(range(5 * 3)) + bytes(6) + bytes(6)
HEADER = b"YUV4MPEG2 W5 H3 F30000:1001 Ip A4:3 C420mpeg2 XCOLORRANGE=FULL\n"


def read(data):
    source = Y4mSource(io.BytesIO(data), "stdin")
    return source.facts, list(source.frames())


def test_the_header_says_what_frames_are() -> None:
    facts, _ = read(HEADER + FRAME)
    assert (facts.size, facts.rate, facts.aspect) == (
        (3, 5),
        Fraction(30000, 1001),
        Fraction(4, 3),
    )
    assert (facts.form.swing, facts.form.siting) == (Range.FULL, Siting.LEFT)


@pytest.mark.parametrize("order", [b"It", b"Ib", b"Im"])
def test_an_interlaced_pipe_is_refused(order) -> None:
    with pytest.raises(InputError, match=r"stdin is interlaced.*bwdif"):
        read(HEADER.replace(b"Ip", order))


@pytest.mark.parametrize("cut", [1, 5, 8, 20])
def test_a_stream_that_ends_within_a_frame_loses_it(cut) -> None:
    _, frames = read(HEADER + FRAME + FRAME[:cut])
    assert [(frame.pts, frame.damage) for frame in frames] == [
        (0, ""),
        (1, "the stream ends within it"),
    ]


@pytest.mark.parametrize("cut", [4, 12, 13, len(HEADER) - 1])
def test_a_stream_that_ends_within_its_header_is_none(cut) -> None:
    with pytest.raises(InputError, match="no Y4M stream"):
        read(HEADER[:cut])


def test_frames_of_odd_size_are_read() -> None:
    _, frames = read(HEADER + FRAME + b"FRAME Ixyz\n" + FRAME[6:])
    assert [frame.pts for frame in frames] == [0, 1]
    assert frames[1].planes.y.tolist() == np.arange(15).reshape(3, 5).tolist()
    assert frames[0].planes.cb.shape == (2, 3)


def test_what_is_written_is_read() -> None:
    facts, frames = read(HEADER + FRAME * 3)
    stream = io.BytesIO()
    sink = Y4mSink(stream, facts, facts.size)
    for frame in frames:
        sink.write(frame)
    sink.finish()
    assert stream.getvalue() == HEADER + FRAME * 3


def test_ten_bits_are_read_and_written() -> None:
    facts = Y4mSource(io.BytesIO(b"YUV4MPEG2 W2 H2 F25:1 C420p10\n"), "stdin").facts
    plane = np.array([[1023, 4], [5, 6]], np.uint16)
    stream = io.BytesIO()
    sink = Y4mSink(stream, facts, (2, 2))
    sink.write(Frame(Yuv(plane, plane[:1, :1], plane[1:, 1:]), 0))
    _, frames = read(stream.getvalue())
    assert frames[0].planes.y.tolist() == plane.tolist()


def test_a_frame_cut_short_is_damaged() -> None:
    _, frames = read(HEADER + FRAME + FRAME[:-3])
    assert [bool(frame.damage) for frame in frames] == [False, True]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"RIFF",
        b"YUV4MPEG2 W5\n",
        HEADER.replace(b"420mpeg2", b"444"),
        b"YUV4MPEG2 W0 H3 F1:1\n",
    ],
    ids=["empty", "other", "no-height", "444", "no-width"],
)
def test_other_streams_are_refused(data) -> None:
    with pytest.raises(InputError, match="Y4M"):
        read(data)


def test_a_header_alone_is_an_error() -> None:
    with pytest.raises(InputError, match="stdin: a Y4M header came, and not one frame"):
        read(HEADER)


def test_noise_between_frames_is_an_error() -> None:
    with pytest.raises(InputError, match="frame 1 begins with"):
        read(HEADER + FRAME + b"noise\n")


def test_a_closed_pipe_is_an_error_of_ours() -> None:
    class Closed(io.BytesIO):
        def write(self, data):
            raise BrokenPipeError(32, "Broken pipe")

    facts, _ = read(HEADER + FRAME)
    with pytest.raises(OutputError, match="Broken pipe"):
        Y4mSink(Closed(), facts, (3, 5))
