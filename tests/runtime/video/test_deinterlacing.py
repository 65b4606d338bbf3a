"""Interlaced video, coded by frames; and what is told of fields that come one by one."""

from __future__ import annotations

from itertools import chain

import av
import numpy as np
import pytest
from support.clips import TIME_BASE, decoded, steady, write_clip

from pcsr_edge.errors import InputError
from pcsr_edge.runtime.video import av_source
from pcsr_edge.runtime.video.deinterlacing import deinterlaced, fields_apart
from pcsr_edge.runtime.video.inventory import take_inventory

LACED = {"x264-params": "tff=1", "crf": "5", "preset": "veryfast"}
BELOW = {"x264-params": "bff=1", "crf": "5", "preset": "veryfast"}


def comb(picture):
    """Return by how many codes neighbouring rows of luma differ."""
    luma = picture[: len(picture) * 2 // 3].astype(float)
    return np.abs(np.diff(luma, axis=0)).mean()


def weave(path, options):
    """Write a clip in which the two fields of a frame are of different times."""
    times = steady(16)
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libx264", rate=25, options=options)
        stream.width, stream.height, stream.pix_fmt = 96, 96, "yuv420p"
        stream.codec_context.time_base = stream.time_base = TIME_BASE
        first = 0 if options is LACED else 1
        for number, pts in enumerate(times):
            planes = np.full((144, 96), 128, np.uint8)
            for field, moment in ((first, 2 * number), (1 - first, 2 * number + 1)):
                cols = (np.arange(96) - 5 * moment) % 48 < 24
                planes[field:96:2] = np.where(cols, 210, 40)
            frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            frame.pts, frame.time_base = pts, TIME_BASE
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("options", [LACED, BELOW], ids=["top-first", "bottom-first"])
def test_interlaced_frames_become_whole_pictures_at_their_times(tmp_path, upscale, options) -> None:
    source = weave(tmp_path / "in.mkv", options)
    assert comb(decoded(source).pictures[8]) > 30
    result = upscale(source, "out.mkv", scale=1.0, encoder_options={"crf": "5"})
    found = decoded(tmp_path / "out.mkv")
    assert found.times == decoded(source).times
    assert max(map(comb, found.pictures)) < 6
    assert any("both fields of a frame become one picture" in note for note in result.notes)


def test_interlaced_pictures_that_come_later_are_mended_and_told(tmp_path, monkeypatch) -> None:
    decode = av_source.AvSource._decode
    with av.open(str(weave(tmp_path / "b.mkv", LACED))) as container:
        laced = list(container.decode(video=0))
    for picture in laced:
        picture.pts += 1000
    monkeypatch.setattr(av_source.AvSource, "_decode", lambda self: chain(decode(self), laced))
    plain = write_clip(tmp_path / "a.mkv", steady(8), size=(96, 96))
    inventory = take_inventory(plain)
    inventory.pts += [picture.pts for picture in laced]
    inventory.frames += len(laced)
    source = av_source.AvSource(plain, 1, inventory)
    frames = list(source.frames())
    source.close()
    assert [bool(frame.remark) for frame in frames] == [False] * 8 + [True] * 16
    assert max(comb(np.concatenate([frame.planes.y] * 2)) for frame in frames[8:]) < 6


def test_a_size_that_changes_makes_a_new_graph(tmp_path) -> None:
    one = weave(tmp_path / "a.mkv", LACED)
    with av.open(str(one)) as container:
        small = list(container.decode(video=0))
        base = container.streams.video[0].time_base
    large = [picture.reformat(width=128, height=128) for picture in small]
    for picture, like in zip(large, small):
        picture.pts = like.pts + 10_000
    found = list(deinterlaced(iter([*small, *large]), base))
    assert [picture.width for picture in found] == [96] * 16 + [128] * 16
    assert [p.pts for p in found] == [p.pts for p in [*small, *large]]


def test_frames_are_told_from_fields(tmp_path) -> None:
    assert not fields_apart(weave(tmp_path / "in.mkv", LACED))
    assert not fields_apart(write_clip(tmp_path / "b.mp4"))


def test_fields_that_come_one_by_one_are_refused(tmp_path, upscale, monkeypatch) -> None:
    monkeypatch.setattr(av_source, "fields_apart", lambda path: True)
    with pytest.raises(InputError, match="holds every field by itself"):
        upscale(weave(tmp_path / "in.mkv", LACED))
