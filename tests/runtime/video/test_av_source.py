"""Frames of files that are not as they should be."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from support.clips import moving, steady, write_clip

from pcsr_edge.errors import InputError
from pcsr_edge.runtime.video.av_source import LOST, AvSource
from pcsr_edge.runtime.video.inventory import take_inventory

av = pytest.importorskip("av")


def test_a_picture_that_comes_late_or_twice_makes_no_frame_more(tmp_path, monkeypatch) -> None:
    source = AvSource(write_clip(tmp_path / "in.mkv", steady(5)), 1)
    pictures = list(source._pictures())
    order = [pictures[number] for number in (0, 1, 3, 2, 3, 4)]
    monkeypatch.setattr(source, "_pictures", lambda: iter(order))
    frames = list(source.frames())
    assert [frame.pts for frame in frames] == source.inventory.pts
    assert [frame.damage for frame in frames] == ["", "", LOST, "", ""]


def test_empty_chunks_of_an_avi_are_no_missing_frames(tmp_path) -> None:
    with av.open(str(tmp_path / "in.avi"), "w") as output:
        stream = output.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for pts in (0, 1, 4, 5):
            frame = av.VideoFrame.from_ndarray(np.asarray(moving(pts)), format="yuv420p")
            frame.pts, frame.time_base = pts, Fraction(1, 25)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    found = take_inventory(tmp_path / "in.avi")
    assert (found.announced, found.frames, found.missing) == (6, 4, 0)


def test_a_stream_without_a_decoder_is_no_video(tmp_path) -> None:
    path = write_clip(tmp_path / "in.mp4", steady(5))
    # The name of the codec, in the description of the samples.
    path.write_bytes(path.read_bytes().replace(b"avc1", b"xxxx"))
    with pytest.raises(InputError, match="no video stream that can be decoded"):
        AvSource(path, 1)


def test_a_closed_source_leaves_no_thread_at_work(tmp_path) -> None:
    source = AvSource(write_clip(tmp_path / "in.mp4", steady(12)), 2)
    next(source.frames())
    source.close()
    # What the threads of the decoder had in hand is gone.
    assert source._stream.codec_context.decode(None) == []
