"""Pipelines as text; no Jetson runs these tests."""

from __future__ import annotations

import pytest

from pcsr_edge.errors import UsageError
from pcsr_edge.runtime.video.gst_pipelines import (
    camera,
    decoder_of,
    file_decoder,
    file_encoder,
    rtsp_decoder,
)


def elements(pipeline):
    return [part.split()[0] for part in pipeline.split(" ! ")]


def test_a_file_is_decoded_by_nvidia() -> None:
    pipeline = file_decoder("in.mp4", ".mp4", "h265")
    assert elements(pipeline) == [
        "filesrc",
        "qtdemux",
        "queue",
        "h265parse",
        "nvv4l2decoder",
        "nvvidconv",
        "video/x-raw,format=BGRx",
        "videoconvert",
        "video/x-raw,format=BGR",
        "appsink",
    ]
    assert "drop=0" in pipeline


def test_a_stream_drops_what_comes_too_fast() -> None:
    pipeline = rtsp_decoder("rtsp://camera/1")
    assert elements(pipeline)[:4] == ["rtspsrc", "rtph264depay", "h264parse", "nvv4l2decoder"]
    assert "drop=1" in pipeline


def test_a_camera_has_its_mode() -> None:
    pipeline = camera(1, (720, 1280), 30)
    assert pipeline.startswith("nvarguscamerasrc sensor-id=1 ! video/x-raw(memory:NVMM)")
    assert "width=1280,height=720,framerate=30/1" in pipeline


@pytest.mark.parametrize(
    ("codec", "encoder"), [("h264", "nvv4l2h264enc"), ("h265", "nvv4l2h265enc")]
)
def test_a_file_is_encoded_by_nvidia(codec, encoder) -> None:
    pipeline = file_encoder("out.mkv", ".mkv", codec, 8_000_000)
    assert elements(pipeline)[6:] == [encoder, f"{codec}parse", "matroskamux", "filesink"]
    assert "bitrate=8000000" in pipeline


def test_addresses_name_the_decoder() -> None:
    assert "qtdemux" in decoder_of("nvdec:in.mp4")
    assert "rtspsrc" in decoder_of("nvdec:rtsp://camera/1")


@pytest.mark.parametrize("path", ['a" ! fakesink', "a!b", "a\nb", "a\\b"])
def test_a_name_cannot_smuggle_elements_in(path) -> None:
    with pytest.raises(UsageError, match="rename it"):
        file_decoder(path, ".mp4", "h264")


def test_other_codecs_are_refused() -> None:
    with pytest.raises(UsageError, match="use FFmpeg"):
        file_encoder("out.mp4", ".mp4", "vp9")
