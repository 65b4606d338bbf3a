"""Containers: what they can hold, and exact times of streams that begin late."""

from __future__ import annotations

from contextlib import nullcontext
from fractions import Fraction
from types import SimpleNamespace

import av
import pytest
from support.clips import move, steady, write_clip

from pcsr_edge.errors import OutputError, UsageError
from pcsr_edge.runtime.video.checking import Expected, compared
from pcsr_edge.runtime.video.inventory import Inventory, StreamCount, is_cut, take_inventory

VIDEO = StreamCount("video", "h264", Fraction(1, 25), 1, 1, 0, 0)


def begins(path):
    """Return when each stream begins, in seconds."""
    with av.open(str(path)) as container:
        return [float(s.start_time * s.time_base) for s in container.streams]


def test_streams_of_mp4_begin_when_those_of_a_transport_stream_did(tmp_path, upscale) -> None:
    plain = write_clip(tmp_path / "plain.mp4", steady(12), audio=True)
    # No whole milliseconds, in which MP4 files say it by default.
    source = move(plain, tmp_path / "in.ts", Fraction(1, 300))
    result = upscale(source, "out.mp4")
    assert result.checked.shift == 0
    assert begins(tmp_path / "out.mp4") == pytest.approx(begins(source), abs=1 / 8000)


@pytest.mark.skipif(
    not hasattr(av.VideoFrame, "duration"),
    reason="this PyAV does not tell how long the last frame is shown",
)
@pytest.mark.parametrize("frames", [41, 46, 53, 63])
@pytest.mark.parametrize("segment", [5, 7])
def test_mp4_of_a_varying_rate_ends_when_its_last_frame_does(
    tmp_path, upscale, frames, segment
) -> None:
    # Where the last frame that is shown is not the last that is decoded.
    steps = [(0, 33, 73, 123)[number % 4] + number // 4 * 143 for number in range(frames)]
    source = write_clip(tmp_path / "in.mp4", [25 * step for step in steps])
    upscale(source, "out.mp4", segment=segment)
    ends = [take_inventory(path).end for path in (source, tmp_path / "out.mp4")]
    assert ends[0] == ends[1] > 25 * steps[-1]


@pytest.mark.parametrize(("target", "codec"), [("out.mov", "vp9"), ("out.webm", "h264")])
def test_a_codec_that_the_container_cannot_hold_is_refused_before_the_work(
    tmp_path, upscale, target, codec
) -> None:
    source = write_clip(tmp_path / "in.mp4", steady(3))
    done = []
    with pytest.raises(UsageError, match=rf"{target} cannot hold video of lib.*another container"):
        upscale(source, target, codec=codec, watch=done.append)
    assert (done, [path.name for path in tmp_path.iterdir()]) == ([], ["in.mp4"])


@pytest.mark.parametrize("target", ["out.mp4", "out.mov"])
def test_h265_has_the_tag_that_quicktime_plays(tmp_path, upscale, target) -> None:
    upscale(write_clip(tmp_path / "in.mp4", steady(3)), target, codec="libx265")
    with av.open(str(tmp_path / target)) as container:
        assert container.streams.video[0].codec_context.codec_tag == "hvc1"


def test_names_may_have_colons_and_percent_signs(tmp_path, upscale, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    source = write_clip(tmp_path / "in.mp4", steady(3)).rename("12:30 Ü%d.mp4")
    assert upscale(source.relative_to("."), "13:00.mkv").checked.frames == 3


def test_subtitles_that_an_edit_list_leaves_out_do_not_count() -> None:
    def packet(kind, cut):
        return SimpleNamespace(stream=SimpleNamespace(type=kind), is_discard=cut)

    assert is_cut(packet("subtitle", True))
    assert not is_cut(packet("subtitle", False))
    # Decoders need it for what follows.
    assert not is_cut(packet("audio", True))


def write_titles(path):
    """Write a clip with two subtitles that have a gap between them."""
    plain = write_clip(path.with_name("plain.mp4"), steady(25))
    with av.open(str(plain)) as source, av.open(str(path), "w") as output:
        video = output.add_stream_from_template(source.streams[0], opaque=True)
        titles = output.add_mux_stream("mov_text")
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = video
                output.mux(packet)
        for start in (0, 500):
            packet = av.Packet(b"\x00\x05Hello")
            packet.stream, packet.time_base = titles, Fraction(1, 1000)
            packet.pts = packet.dts = start
            packet.duration = 200
            output.mux(packet)
    return path


@pytest.mark.skipif(
    not hasattr(av.container.OutputContainer, "add_mux_stream"), reason="PyAV is too old"
)
def test_gaps_between_subtitles_of_mp4_do_not_count(tmp_path, upscale) -> None:
    path = write_titles(tmp_path / "in.mp4")
    with av.open(str(path)) as container:
        sizes = [packet.size for packet in container.demux(subtitles=0) if packet.size]
    assert (sizes.count(7), sizes.count(2) > 0) == (2, True)
    assert take_inventory(path).streams[1].packets == 2
    assert upscale(path, "out.mp4").checked.packets == {"subtitle": 2}


def test_a_stream_that_the_container_cannot_hold_is_told_in_one_sentence(tmp_path, upscale) -> None:
    source = write_clip(tmp_path / "in.mkv", steady(12), audio=True)
    with pytest.raises(UsageError, match=r"^\S*out.webm cannot hold audio stream 1 \(aac\)"):
        upscale(source, "out.webm")


@pytest.mark.parametrize(("found", "packets"), [(4000, 50), (3998, 25)])
def test_audio_without_compression_is_compared_by_its_bytes(found, packets) -> None:
    should = StreamCount("audio", "pcm_s16le", Fraction(1, 8000), 25, 4000, 0, 1920)
    is_ = StreamCount("audio", "pcm_s16le", Fraction(1, 8000), packets, found, 0, 1960)
    whole, result = Inventory({1: should}, None), Inventory({0: VIDEO, 1: is_}, 0)
    for inventory in (whole, result):
        inventory.pts, inventory.frames = [0], 1
    expected = Expected(Fraction(1, 25), [(0, 1)], whole, (1,))
    with nullcontext() if found == 4000 else pytest.raises(OutputError, match="bytes of audio"):
        compared("out.mov", expected, result)
