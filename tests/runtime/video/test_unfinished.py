"""Work on a video that is interrupted, fails, or is gone on with."""

from __future__ import annotations

import signal
import sys

import numpy as np
import pytest
from support.clips import VARIABLE, decoded, steady, write_clip
from support.stopping import stop_after

from pcsr_edge.errors import OutputError, UsageError
from pcsr_edge.runtime.upscaler import Upscaler
from pcsr_edge.runtime.video import segment
from pcsr_edge.runtime.video.work import Work, work_folder


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
    source = write_clip(tmp_path / "in.mp4", size=(144, 192))
    with Upscaler.load(tiny_folder.parent / "tiny-plain-x4", threads=1) as plain:
        options = {"upscaler": plain, "scale": 4.0, "still_threshold": 13}
        upscale(source, "whole.mkv", **options)
        with pytest.raises(KeyboardInterrupt):
            upscale(source, "out.mkv", watch=stop_after(6), **options)
        assert upscale(source, "out.mkv", **options).resumed in (5, 10)
    whole, found = (decoded(tmp_path / name).pictures for name in ("whole.mkv", "out.mkv"))
    assert all(np.array_equal(a, b) for a, b in zip(whole, found))


def test_an_interrupted_run_goes_on_where_it_was(tmp_path, upscale) -> None:
    source = write_clip(tmp_path / "in.mp4", VARIABLE, audio=True)
    upscale(source, "whole.mp4")
    with pytest.raises(KeyboardInterrupt):
        upscale(source, "out.mp4", watch=stop_after(8))
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
        upscale(source, watch=stop_after(8))
    with pytest.raises(UsageError, match="another command"):
        upscale(source, encoder_options={"crf": "30"})
    assert upscale(source, encoder_options={"crf": "30"}, overwrite=True).resumed == 0


def test_an_input_that_changed_within_is_noticed(tmp_path, upscale) -> None:
    # Without compression: as long as before, and equal in its first and last MiB.
    source = write_clip(
        tmp_path / "in.avi", steady(30), size=(240, 320), codec="rawvideo", pix_fmt="yuv420p"
    )
    with pytest.raises(KeyboardInterrupt):
        upscale(source, watch=stop_after(8))
    data = bytearray(source.read_bytes())
    data[len(data) // 2] ^= 1
    source.write_bytes(data)
    with pytest.raises(UsageError, match="the input is another one, or has changed"):
        upscale(source)


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


def test_a_disk_that_is_full_when_a_segment_ends_keeps_those_before(
    tmp_path, upscale, monkeypatch
) -> None:
    source = write_clip(tmp_path / "in.mp4")
    finish, finished = segment.SegmentFile.finish, []

    def full(self, header) -> None:
        if finished:
            raise OSError(28, "No space left on device")
        finished.append(header)
        finish(self, header)

    monkeypatch.setattr(segment.SegmentFile, "finish", full)
    with pytest.raises(OutputError, match=r"No space left.*5 frames are kept"):
        upscale(source)
    assert not list(tmp_path.rglob("*.part"))
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


def _assert_same(one, other) -> None:
    first, second = decoded(one), decoded(other)
    assert first.times == second.times
    for a, b in zip(first.pictures, second.pictures):
        np.testing.assert_array_equal(a, b)
