"""A video file from end to end, by bicubic and by a network."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from support.clips import (
    TIME_BASE,
    VARIABLE,
    damage,
    damage_tone,
    decoded,
    move,
    steady,
    write_clip,
)

from pcsr_edge.errors import InputError, UsageError
from pcsr_edge.runtime.video.pipeline import LOOKAHEAD
from pcsr_edge.runtime.video.streams import Wanted


@pytest.mark.parametrize("times", [tuple(steady(12)), VARIABLE], ids=["steady", "variable"])
def test_every_frame_keeps_its_time(tmp_path, upscale, times) -> None:
    source = write_clip(tmp_path / "in.mp4", times)
    upscale(source, "out.mp4")
    assert decoded(tmp_path / "out.mp4").times == [pts * TIME_BASE for pts in times]


def test_many_small_frames_may_wait_to_be_upscaled(tmp_path, upscale) -> None:
    states = []
    source = write_clip(tmp_path / "in.mp4")
    upscale(source, watch=lambda progress: states.append(progress.state))
    assert {state.backlog for state in states} == {LOOKAHEAD}


def test_a_start_later_than_zero_is_kept(tmp_path, upscale) -> None:
    times = [5000 + pts for pts in steady(7)]
    upscale(write_clip(tmp_path / "in.mp4", times), "out.mp4")
    assert decoded(tmp_path / "out.mp4").times[0] == Fraction(1, 5)


def test_pictures_are_those_of_the_input_enlarged(tmp_path, upscale) -> None:
    source = write_clip(tmp_path / "in.mp4")
    upscale(source, "out.mp4")
    small, large = decoded(source).pictures, decoded(tmp_path / "out.mp4").pictures
    for before, after in zip(small, large):
        luma = after[:96].reshape(48, 2, 64, 2).mean((1, 3))
        assert np.abs(luma - before[:48]).mean() < 1.5


def test_an_encoder_that_waits_makes_the_planes(tmp_path, upscale, tiny, coders) -> None:
    upscale(write_clip(tmp_path / "in.mp4", steady(1)), "out.mp4", tiny, scale=4.0)
    assert coders == ["pcsr-edge-encode"]


def test_a_network_runs_through_rgb(tmp_path, upscale, tiny) -> None:
    source = write_clip(tmp_path / "in.mp4", steady(3))
    result = upscale(source, "out.mp4", tiny, scale=4.0)
    assert result.size == (192, 256)
    assert len(decoded(tmp_path / "out.mp4").pictures) == 3


def test_ten_bits_stay_ten_bits(tmp_path, upscale) -> None:
    source = write_clip(tmp_path / "in.mkv", pix_fmt="yuv420p10le")
    assert upscale(source).encoding.pix_fmt == "yuv420p10le"
    assert decoded(tmp_path / "out.mkv").pictures[0].dtype == np.uint16


def test_colours_are_tagged_as_in_the_input(tmp_path, upscale) -> None:
    import av

    colours = {"colorspace": 9, "color_primaries": 9, "color_trc": 14, "color_range": 1}
    upscale(write_clip(tmp_path / "in.mp4", **colours), "out.mp4")
    with av.open(str(tmp_path / "out.mp4")) as container:
        frame = next(container.decode(video=0))
        context = container.streams.video[0].codec_context
        found = (frame.colorspace, context.color_primaries, context.color_trc, frame.color_range)
    assert tuple(map(int, found)) == (9, 9, 14, 1)


def test_untagged_sd_becomes_tagged_sd(tmp_path, upscale) -> None:
    import av

    result = upscale(write_clip(tmp_path / "in.mp4"), "out.mp4", scale=16.0)
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert int(next(container.decode(video=0)).colorspace) == 6
    assert any("BT.601 is taken" in note for note in result.notes)


def test_odd_sizes_become_even_for_h264(tmp_path, upscale) -> None:
    result = upscale(write_clip(tmp_path / "in.mp4", steady(3)), size=(55, 77), scale=None)
    assert result.size == (56, 78)
    assert any("77x55 becomes 78x56" in note for note in result.notes)


def test_audio_is_copied_byte_by_byte(tmp_path, upscale) -> None:
    source = write_clip(tmp_path / "in.mp4", audio=True)
    result = upscale(source, "out.mp4")
    assert result.checked.packets == {"audio": len(_packets(source, "audio"))}
    assert _packets(tmp_path / "out.mp4", "audio") == _packets(source, "audio")


def test_subtitles_and_metadata_are_copied(tmp_path, upscale) -> None:
    import av

    source = write_clip(tmp_path / "in.mkv", subtitles=True)
    upscale(source)
    assert _packets(tmp_path / "out.mkv", "subtitles") == [b"Hello", b"Hello"]
    with av.open(str(tmp_path / "out.mkv")) as container:
        assert container.metadata["title"] == "A disc"


def test_unwanted_streams_are_left_out(tmp_path, upscale) -> None:
    source = write_clip(tmp_path / "in.mkv", audio=True, subtitles=True)
    result = upscale(source, wanted=Wanted(audio=False, subtitles=False))
    assert result.checked.packets == {}


def test_subtitles_that_a_container_cannot_hold_are_refused(tmp_path, upscale) -> None:
    source = write_clip(tmp_path / "in.mkv", subtitles=True)
    with pytest.raises(UsageError, match=r"name an \.mkv file, or leave.*--no-subs"):
        upscale(source, "out.mp4")
    assert not (tmp_path / "out.mp4").exists()


def test_damaged_frames_are_repeated_and_listed(tmp_path, upscale) -> None:
    source = damage(write_clip(tmp_path / "in.mp4", steady(20), options=_SIMPLE), 10, 11)
    result = upscale(source, "out.mp4", segment=7)
    assert [bad.number for bad in result.bad] == [10, 11]
    pictures = decoded(tmp_path / "out.mp4").pictures
    assert len(pictures) == 20
    assert np.abs(pictures[10].astype(int) - pictures[9]).mean() < 1


def test_damage_is_an_error_where_that_is_wanted(tmp_path, upscale) -> None:
    source = damage(write_clip(tmp_path / "in.mp4", steady(20), options=_SIMPLE), 10)
    with pytest.raises(InputError, match="frame 10 is bad"):
        upscale(source, on_error="abort")


def test_a_file_cut_short_is_done_as_far_as_it_goes(tmp_path, upscale) -> None:
    source = write_clip(tmp_path / "in.mkv", steady(20))
    source.write_bytes(source.read_bytes()[: source.stat().st_size * 2 // 3])
    result = upscale(source)
    assert 0 < result.checked.frames < 20


def test_time_that_is_announced_and_missing_is_told(tmp_path, upscale) -> None:
    source = write_clip(tmp_path / "in.mkv", steady(100))
    whole = upscale(source, "whole.mkv")
    source.write_bytes(source.read_bytes()[: source.stat().st_size // 3])
    cut = upscale(source)
    assert (whole.missing_seconds, "header" in "".join(whole.notes)) == (0.0, False)
    assert cut.missing_seconds == pytest.approx(4.0 - cut.checked.seconds, abs=0.05)
    assert "its header announces 4.0 s" in "".join(cut.notes)


def test_damaged_packets_of_audio_are_left_out_and_told(tmp_path, upscale) -> None:
    source = damage_tone(write_clip(tmp_path / "in.ts", steady(60), audio=True))
    result = upscale(source)
    assert (result.left_out, result.checked.packets) == (1, {"audio": 18})
    assert result.notes[-1] == "damaged packets of audio stream 1 that were left out: 1"


@pytest.mark.parametrize(
    ("seconds", "frames"), [(Fraction(-4, 25), 16), (Fraction(3, 10), 20)], ids=["cut", "late"]
)
def test_an_edit_list_is_followed(tmp_path, upscale, seconds, frames) -> None:
    whole = write_clip(tmp_path / "whole.mp4", steady(20), audio=True, options={"g": "10"})
    source = move(whole, tmp_path / "in.mp4", seconds)
    result = upscale(source, "out.mp4")
    assert (result.missing, result.bad) == (0, [])
    before, after = decoded(source), decoded(tmp_path / "out.mp4")
    assert after.times == before.times
    # The FFmpeg of PyAV 12 cuts a frame more.
    assert len(after.times) in (frames, frames - 1)
    for small, large in zip(before.pictures, after.pictures):
        luma = large[:96].reshape(48, 2, 64, 2).mean((1, 3))
        assert np.abs(luma - small[:48]).mean() < 1.5


def test_a_still_picture_is_computed_once(tmp_path, upscale) -> None:
    source = write_clip(tmp_path / "in.mkv", steady(6), codec="ffv1", still=(2, 3, 4))
    assert upscale(source).reused == 3


def test_a_wrong_encoder_option_is_refused_before_any_work(tmp_path, upscale) -> None:
    with pytest.raises(UsageError, match="no option 'colour'"):
        upscale(write_clip(tmp_path / "in.mp4", steady(3)), encoder_options={"colour": "1"})


def test_a_text_file_is_no_video(tmp_path, upscale) -> None:
    (tmp_path / "in.mp4").write_text("hello")
    with pytest.raises(InputError, match="cannot be opened as a video"):
        upscale(tmp_path / "in.mp4")


_SIMPLE = {"bf": "0", "refs": "1", "g": "5", "crf": "10"}
"""Frames in order of decoding, and few that depend on each other."""


def _packets(path, kind):
    import av

    with av.open(str(path)) as container:
        streams = getattr(container.streams, kind)
        return [bytes(packet) for packet in container.demux(streams) if packet.size]
