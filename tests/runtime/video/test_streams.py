"""Chapters, rotation and attachments, which PyAV 12 can neither read nor write."""

from __future__ import annotations

from contextlib import ExitStack
from fractions import Fraction
from types import SimpleNamespace

import av
import numpy as np
import pytest
from support.clips import decoded, steady, write_clip

from pcsr_edge.runtime.video.av_planes import mirror_of
from pcsr_edge.runtime.video.streams import EVERYTHING, select

pytestmark = pytest.mark.skipif(
    not hasattr(av.container.OutputContainer, "set_chapters"), reason="PyAV is too old"
)


@pytest.mark.parametrize("target", ["out.mp4", "out.mkv"])
def test_chapters_are_copied(tmp_path, upscale, target) -> None:
    upscale(write_clip(tmp_path / "in.mp4", steady(12), chapters=True), target)
    with av.open(str(tmp_path / target)) as container:
        chapters = container.chapters()
    assert [chapter["metadata"]["title"] for chapter in chapters] == ["One", "Two"]
    assert [c["start"] * c["time_base"] for c in chapters] == [0, Fraction(1, 5)]


@pytest.mark.parametrize("target", ["out.mp4", "out.mkv"])
def test_rotation_is_kept_and_pixels_are_not_turned(tmp_path, upscale, target) -> None:
    upscale(write_clip(tmp_path / "in.mp4", steady(3), rotation=90), target)
    with av.open(str(tmp_path / target)) as container:
        frame = next(container.decode(video=0))
    assert (frame.rotation % 360, frame.width, frame.height) == (90, 128, 96)


@pytest.mark.skipif(
    not hasattr(getattr(av, "VideoStream", None), "set_display_matrix"),
    reason="PyAV cannot write it",
)
@pytest.mark.parametrize("target", ["out.mp4", "out.mkv"])
def test_a_mirrored_picture_stays_mirrored(tmp_path, upscale, target) -> None:
    mirror = (-(2**16), 0, 0, 0, 2**16, 0, 0, 0, 2**30)
    plain = write_clip(tmp_path / "plain.mp4", steady(3))
    with av.open(str(plain)) as source, av.open(str(tmp_path / "in.mp4"), "w") as output:
        copy = output.add_stream_from_template(source.streams[0], opaque=True)
        copy.set_display_matrix(mirror)
        for packet in source.demux():
            if packet.size:
                packet.stream = copy
                output.mux(packet)
    upscale(tmp_path / "in.mp4", target)
    with av.open(str(tmp_path / target)) as container:
        assert mirror_of(next(container.decode(video=0))) == mirror


def test_pixels_are_turned_where_rotation_cannot_be_written(tmp_path, upscale, monkeypatch) -> None:
    monkeypatch.setattr("pcsr_edge.runtime.video.av_source.can_tag_rotation", lambda: False)
    result = upscale(write_clip(tmp_path / "in.mp4", steady(3), rotation=90), "out.mp4")
    upright = write_clip(tmp_path / "upright.mp4", steady(3))
    turned, plain = decoded(tmp_path / "out.mp4").pictures[0], decoded(upright).pictures[0]
    assert result.size == (128, 96)
    expected = np.rot90(plain[:48].astype(float))
    assert np.abs(turned[:128].reshape(64, 2, 48, 2).mean((1, 3)) - expected).mean() < 2


def test_attachments_are_copied(tmp_path, upscale) -> None:
    upscale(write_clip(tmp_path / "in.mkv", steady(3), attachment=True))
    with av.open(str(tmp_path / "out.mkv")) as container:
        stream = next(s for s in container.streams if s.type == "attachment")
        assert (stream.name, stream.data) == ("letters.ttf", b"letters" * 9)


def test_an_attachment_that_a_container_cannot_hold_is_told(tmp_path, upscale) -> None:
    result = upscale(write_clip(tmp_path / "in.mkv", steady(3), attachment=True), "out.mp4")
    assert any("attachment stream 1" in note and "not kept" in note for note in result.notes)


def test_the_order_and_disposition_of_audio_are_kept(tmp_path, upscale) -> None:
    source = write_clip(tmp_path / "in.mkv", steady(12), audio=True)
    upscale(source)
    found = []
    for path in (source, tmp_path / "out.mkv"):
        with av.open(str(path)) as container:
            found.append([(s.type, int(s.disposition)) for s in container.streams])
    assert found[0] == found[1]
    assert len(decoded(tmp_path / "out.mkv").pictures) == 12


def test_a_second_video_is_copied_whole(tmp_path, upscale) -> None:
    plain = write_clip(tmp_path / "plain.mp4", steady(12), options={"bf": "3"})
    with ExitStack() as stack:
        output = stack.enter_context(av.open(str(tmp_path / "in.mkv"), "w"))
        films = [stack.enter_context(av.open(str(plain))) for _ in range(2)]
        copies = [output.add_stream_from_template(f.streams[0], opaque=True) for f in films]
        for film, copy in zip(films, copies):
            for packet in film.demux():
                if packet.size:
                    packet.stream = copy
                    output.mux(packet)
    result = upscale(tmp_path / "in.mkv")
    assert (result.left_out, result.checked.packets) == (0, {"video": 12})


def stream(index, kind, frames=0, **metadata):
    """Return a stream as PyAV has it, of no codec."""
    return SimpleNamespace(
        index=index, type=kind, frames=frames, metadata=metadata, codec_context=None
    )


def test_data_beside_chapters_are_told_and_what_is_made_anew_is_not() -> None:
    film = stream(0, "video", 50)
    film.codec_context = SimpleNamespace(name="h264")
    titles, motion = stream(1, "data", 2), stream(2, "data", 7)
    clock = stream(3, "data", 1, timecode="01:00:00:00")
    streams = Streams([film, titles, motion, clock])
    source = SimpleNamespace(streams=streams, chapters=lambda: [{}, {}], metadata={})
    output = SimpleNamespace(format=SimpleNamespace(name="mp4"), supported_codecs=set())
    selection = select(source, output, EVERYTHING, "out.mp4")
    told = [note for note in selection.notes if "not kept" in note]
    assert (selection.copied, len(told), "data stream 2" in told[0]) == ((), 1, True)


class Streams(list):
    """Streams as PyAV has them."""

    @property
    def video(self):
        """The first."""
        return self[:1]
