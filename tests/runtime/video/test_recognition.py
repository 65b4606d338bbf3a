"""What is taken for a video."""

from __future__ import annotations

import pytest
from support.clips import steady, write_clip

from pcsr_edge.runtime.video.recognition import is_sequence, is_video, is_video_output


@pytest.mark.parametrize(
    "text", ["a.mp4", "B.MKV", "-", "rtsp://camera/1", "/dev/video0", "gst://videotestsrc", "x.y4m"]
)
def test_videos_by_name(text) -> None:
    assert is_video(text)


@pytest.mark.parametrize("text", ["a.png", "folder", "scans/*.tif", "missing"])
def test_no_videos(text) -> None:
    assert not is_video(text)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".avi", ".ts"])
def test_videos_by_content(tmp_path, suffix) -> None:
    path = write_clip(tmp_path / f"clip{suffix}", steady(3), codec="mpeg4")
    unnamed = path.rename(tmp_path / "clip")
    assert is_video(str(unnamed))


def test_a_picture_without_suffix_is_no_video(tmp_path) -> None:
    (tmp_path / "picture").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(400))
    assert not is_video(str(tmp_path / "picture"))


def test_numbered_pictures_are_a_sequence() -> None:
    assert is_sequence("out/frame_%05d.png")
    assert not is_sequence("out/frame.png")
    assert is_video_output("out_%d.jpg")


def test_a_folder_named_like_a_video_is_a_folder(tmp_path) -> None:
    (tmp_path / "films.mp4").mkdir()
    assert not is_video_output(str(tmp_path / "films.mp4"))
