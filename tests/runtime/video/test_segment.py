"""Segments on disk."""

from __future__ import annotations

import pytest

from pcsr_edge.errors import InputError
from pcsr_edge.runtime.video.encoder import Packet
from pcsr_edge.runtime.video.frame import Frame
from pcsr_edge.runtime.video.segment import (
    SegmentFile,
    finished_segments,
    read_index,
    read_packets,
    segment_path,
)

PACKETS = [Packet(b"first", 0, True), Packet(b"", 40, False), Packet(b"third", 20, False)]


def write(folder, number, start=0):
    file = SegmentFile(segment_path(folder, number), start)
    for packet in PACKETS:
        file.add_frame(Frame(None, packet.pts, 20, damage="lost" if packet.pts == 40 else ""))
        file.add_packet(packet)
    file.finish(b"\x01\x02")
    return segment_path(folder, number)


def test_what_is_written_is_read(tmp_path) -> None:
    path = write(tmp_path, 0, start=7)
    index = read_index(path)
    assert (index.start, index.header, len(index.frames)) == (7, "0102", 3)
    assert list(read_packets(path, index)) == PACKETS
    assert [(bad.number, bad.pts) for bad in index.bad] == [(8, 40)]


def test_an_unfinished_segment_does_not_count(tmp_path) -> None:
    write(tmp_path, 0)
    file = SegmentFile(segment_path(tmp_path, 1), 3)
    file.add_packet(PACKETS[0])
    assert len(finished_segments(tmp_path)) == 1
    file.abort()
    assert [path.name for path in tmp_path.iterdir()] == ["segment-000000.seg"]


def test_segments_after_a_gap_do_not_count(tmp_path) -> None:
    write(tmp_path, 0)
    write(tmp_path, 2, start=6)
    assert [index.start for index in finished_segments(tmp_path)] == [0]


def test_segments_that_do_not_join_are_an_error(tmp_path) -> None:
    write(tmp_path, 0)
    write(tmp_path, 1, start=5)
    with pytest.raises(InputError, match="begins at frame 5, expected 3"):
        finished_segments(tmp_path)


@pytest.mark.parametrize("kept", [0, 10, 30, -1], ids=["empty", "short", "middle", "last-byte"])
def test_a_damaged_segment_is_an_error(tmp_path, kept) -> None:
    path = write(tmp_path, 0)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(InputError, match="is no segment of a video"):
        read_index(path)
