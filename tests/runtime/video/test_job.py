"""A video file from end to end, by bicubic and by a network."""

from __future__ import annotations

import signal
import sys
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

from pcsr_edge.errors import InputError, OutputError, UsageError
from pcsr_edge.runtime.upscaler import Upscaler
from pcsr_edge.runtime.video import segment
from pcsr_edge.runtime.video.pipeline import LOOKAHEAD
from pcsr_edge.runtime.video.streams import Wanted
from pcsr_edge.runtime.video.work import Work, work_folder


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


def test_nothing_but_the_result_stays(tmp_path, upscale) -> None:
    upscale(write_clip(tmp_path / "in.mp4"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.mp4", "out.mkv"]


def test_an_existing_result_is_not_replaced(tmp_path, upscale) -> None:
    (tmp_path / "out.mkv").write_bytes(b"precious")
    with pytest.raises(OutputError, match="exists"):
        upscale(write_clip(tmp_path / "in.mp4"))
    assert (tmp_path / "out.mkv").read_bytes() == b"precious"


def test_noise_that_is_left_out_is_so_after_an_interruption_too(
    tmp_path, upscale, tiny_folder
) -> None:
    def stop(progress) -> None:
        if progress.state.done >= 6:
            raise KeyboardInterrupt

    source = write_clip(tmp_path / "in.mp4", size=(144, 192))
    with Upscaler.load(tiny_folder.parent / "tiny-plain-x4", threads=1) as plain:
        options = {"upscaler": plain, "scale": 4.0, "still_threshold": 13}
        upscale(source, "whole.mkv", **options)
        with pytest.raises(KeyboardInterrupt):
            upscale(source, "out.mkv", watch=stop, **options)
        assert upscale(source, "out.mkv", **options).resumed in (5, 10)
    whole, found = (decoded(tmp_path / name).pictures for name in ("whole.mkv", "out.mkv"))
    assert all(np.array_equal(a, b) for a, b in zip(whole, found))


def test_an_interrupted_run_goes_on_where_it_was(tmp_path, upscale) -> None:
    source = write_clip(tmp_path / "in.mp4", VARIABLE, audio=True)
    upscale(source, "whole.mp4")
    with pytest.raises(KeyboardInterrupt):
        upscale(source, "out.mp4", watch=_stop_after(8))
    assert not (tmp_path / "out.mp4").exists()
    result = upscale(source, "out.mp4")
    assert result.resumed in (5, 10)
    _assert_same(tmp_path / "out.mp4", tmp_path / "whole.mp4")


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGINT to send")
def test_ctrl_c_after_the_end_leaves_the_result_alone(tmp_path, upscale, monkeypatch) -> None:
    source, remove = write_clip(tmp_path / "in.mp4"), Work.remove

    def interrupted(self) -> None:
        signal.raise_signal(signal.SIGINT)
        remove(self)

    monkeypatch.setattr(Work, "remove", interrupted)
    with pytest.raises(KeyboardInterrupt):
        upscale(source, "out.mp4")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.mp4", "out.mp4"]


def test_other_settings_do_not_go_on_with_old_segments(tmp_path, upscale) -> None:
    source = write_clip(tmp_path / "in.mp4")
    with pytest.raises(KeyboardInterrupt):
        upscale(source, watch=_stop_after(8))
    with pytest.raises(UsageError, match="another command"):
        upscale(source, encoder_options={"crf": "30"})
    assert upscale(source, encoder_options={"crf": "30"}, overwrite=True).resumed == 0


def test_an_input_that_changed_within_is_noticed(tmp_path, upscale) -> None:
    # Without compression: as long as before, and equal in its first and last MiB.
    source = write_clip(
        tmp_path / "in.avi", steady(30), size=(240, 320), codec="rawvideo", pix_fmt="yuv420p"
    )
    with pytest.raises(KeyboardInterrupt):
        upscale(source, watch=_stop_after(8))
    data = bytearray(source.read_bytes())
    data[len(data) // 2] ^= 1
    source.write_bytes(data)
    with pytest.raises(UsageError, match="the input is another one, or has changed"):
        upscale(source)


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


def test_a_full_disk_keeps_what_is_finished(tmp_path, upscale, monkeypatch) -> None:
    source = write_clip(tmp_path / "in.mp4")
    add, written = segment.SegmentFile.add_packet, []

    def full(self, packet) -> None:
        written.append(packet)
        if len(written) > 7:
            raise OSError(28, "No space left on device")
        add(self, packet)

    monkeypatch.setattr(segment.SegmentFile, "add_packet", full)
    with pytest.raises(OutputError, match=r"No space left.*5 frames are kept"):
        upscale(source)
    monkeypatch.undo()
    assert upscale(source).resumed == 5


def test_a_result_that_differs_is_not_kept(tmp_path, upscale, monkeypatch) -> None:
    from pcsr_edge.runtime.video import muxing

    source = write_clip(tmp_path / "in.mp4", audio=True)
    copied = muxing.copied_packets

    def lossy(*arguments):
        packets = copied(*arguments)
        next(packets)
        return packets

    monkeypatch.setattr(muxing, "copied_packets", lossy)
    with pytest.raises(OutputError, match="packets of audio"):
        upscale(source)
    assert not (tmp_path / "out.mkv").exists()
    assert work_folder(tmp_path / "out.mkv").is_dir()


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


def _stop_after(frames):
    def watch(progress) -> None:
        if progress.state.done >= frames:
            raise KeyboardInterrupt

    return watch


def _packets(path, kind):
    import av

    with av.open(str(path)) as container:
        streams = getattr(container.streams, kind)
        return [bytes(packet) for packet in container.demux(streams) if packet.size]


def _assert_same(one, other) -> None:
    first, second = decoded(one), decoded(other)
    assert first.times == second.times
    for a, b in zip(first.pictures, second.pictures):
        np.testing.assert_array_equal(a, b)
