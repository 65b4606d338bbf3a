"""From addresses to sources and sinks."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import List, Mapping, Optional, Tuple

from pcsr_edge.errors import InputError, OutputError, UsageError
from pcsr_edge.runtime.images import picture_files
from pcsr_edge.runtime.images.atomic import refuse_existing
from pcsr_edge.runtime.video.av_live import AvLiveSource
from pcsr_edge.runtime.video.av_source import AvSource
from pcsr_edge.runtime.video.display import DisplaySink
from pcsr_edge.runtime.video.encoding import choose_encoding
from pcsr_edge.runtime.video.endpoints import FrameSink, FrameSource
from pcsr_edge.runtime.video.film_sink import FilmSink
from pcsr_edge.runtime.video.frame import VideoFacts
from pcsr_edge.runtime.video.gst_pipelines import (
    ENCODERS,
    NVDEC,
    camera,
    decoder_of,
    file_encoder,
)
from pcsr_edge.runtime.video.gstreamer import GstSink, GstSource
from pcsr_edge.runtime.video.live import ReconnectingSource
from pcsr_edge.runtime.video.recognition import (
    DISPLAY,
    LIVE,
    PIPE,
    is_sequence,
    is_video,
)
from pcsr_edge.runtime.video.sequence import (
    PictureSink,
    PictureSource,
    check_pattern,
    numbered_files,
)
from pcsr_edge.runtime.video.y4m import Y4mSink, Y4mSource

GST = "gst://"
CSI = "csi://"
CSI_SIZE, CSI_RATE = (720, 1280), 30
"""A mode that every CSI camera has."""


@dataclass(frozen=True)
class SinkRequest:
    """What is asked for a result that frames go to one after the other."""

    output: str
    codec: Optional[str] = None
    pix_fmt: Optional[str] = None
    encoder_options: Mapping[str, str] = field(default_factory=dict)
    threads: int = 1
    overwrite: bool = False


def open_source(inputs: List[str], rate: Fraction, threads: int, patience: float) -> FrameSource:
    """Open what frames come from: one stream, or pictures.

    Args:
        inputs: as typed.
        rate: pictures per second, where they are pictures.
        threads: of the decoder.
        patience: seconds in which a live stream that went away may come back.

    Raises:
        InputError: it cannot be opened.
        UsageError: several streams.
    """
    videos = [text for text in inputs if is_video(text)]
    if not videos:
        if len(inputs) == 1 and is_sequence(inputs[0]):
            return PictureSource(numbered_files(inputs[0]), rate)
        return PictureSource([found.source for found in picture_files(inputs)], rate)
    if len(inputs) > 1:
        raise UsageError(f"{len(inputs)} inputs cannot become one stream; name one")
    return _open_stream(videos[0], threads, patience)


def _open_stream(text: str, threads: int, patience: float) -> FrameSource:
    if text == PIPE:
        if sys.stdin is None:
            raise InputError("stdin is closed; frames cannot come from it")
        return Y4mSource(sys.stdin.buffer, "stdin")
    if text.startswith(GST):
        # Nothing tells the end of a pipeline from a failure, so it is not begun anew.
        return GstSource(text[len(GST) :])
    if text.startswith(NVDEC) and "://" not in text:
        return GstSource(decoder_of(text), live=False)
    if text.startswith((NVDEC, CSI)):
        pipeline = decoder_of(text) if text.startswith(NVDEC) else _camera_of(text)
        return ReconnectingSource(lambda _seconds: GstSource(pipeline), patience)
    if LIVE.fullmatch(text):
        return ReconnectingSource(lambda seconds: AvLiveSource(text, seconds), patience)
    return AvSource(Path(text), threads)


def _camera_of(text: str) -> str:
    number = text[len(CSI) :]
    if not number.isdigit():
        raise UsageError(f"{text} names no camera; expected csi://0")
    return camera(int(number), CSI_SIZE, CSI_RATE)


def open_sink(request: SinkRequest, facts: VideoFacts, size: Tuple[int, int]) -> FrameSink:
    """Open what frames of (H, W) = `size` go to.

    Raises:
        UsageError: it is none that frames can go to, or a setting makes no sense.
        OutputError: it exists, or cannot be written.
        BackendUnavailableError: OpenCV or a display is missing.
    """
    output = request.output
    if output == PIPE:
        if sys.stdout is None:
            raise OutputError("stdout is closed; frames cannot go to it: name a file as output")
        return Y4mSink(sys.stdout.buffer, facts, size)
    if DISPLAY.fullmatch(output):
        return DisplaySink(facts)
    if output.startswith(GST):
        return GstSink(output[len(GST) :], facts, size)
    if is_sequence(output):
        check_pattern(output, request.overwrite)
        return PictureSink(output, facts, request.overwrite)
    target = Path(output)
    refuse_existing(target, request.overwrite)
    if request.codec in ENCODERS:
        part = target.with_name(f".{target.name}.part")
        pipeline = file_encoder(str(part), target.suffix.lower(), ENCODERS[request.codec])
        return GstSink(pipeline, facts, size, part, target)
    encoding = choose_encoding(
        target,
        facts.form.bits,
        codec=request.codec,
        pix_fmt=request.pix_fmt,
        options=request.encoder_options,
        threads=request.threads,
    )
    return FilmSink(target, encoding, facts, size)
