"""Small video clips that tests make themselves."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional, Sequence

import numpy as np

TIME_BASE = Fraction(1, 25_000)
VARIABLE = (0, 1000, 1700, 2900, 3000, 4400, 5100, 6000, 7700, 8000, 8300, 9900)
"""Timestamps of a clip whose frame rate varies."""


def steady(count: int) -> List[int]:
    """Return the timestamps of `count` frames, 25 per second."""
    return [1000 * number for number in range(count)]


def moving(number: int, height: int = 48, width: int = 64) -> Any:
    """Return the planes of a picture in which something moves: uint8 (height * 3 / 2, width)."""
    rows, cols = np.mgrid[0:height, 0:width]
    luma = 60 + cols + 40 * (np.hypot(rows - height / 2, cols - 4 * number % width) < 9)
    half = (height // 2, width // 2)
    cb, cr = np.full(half, 100 + 2 * number % 50), np.full(half, 150 - number % 50)
    return np.concatenate([plane.reshape(-1, width) for plane in (luma, cb, cr)]).astype(np.uint8)


def write_clip(
    path: Path,
    times: Sequence[int] = tuple(steady(12)),
    *,
    size: Sequence[int] = (48, 64),
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    audio: bool = False,
    subtitles: bool = False,
    rotation: int = 0,
    chapters: bool = False,
    attachment: bool = False,
    still: Sequence[int] = (),
    container_options: Optional[Dict[str, str]] = None,
    **context: Any,
) -> Path:
    """Write a clip of a moving disc.

    Args:
        path: its suffix names the container.
        times: timestamps, in ticks of `TIME_BASE`.
        size: height and width.
        codec: of the picture.
        pix_fmt: of the picture.
        audio: add a tone.
        subtitles: add two subtitles, as Matroska holds them.
        rotation: degrees.
        chapters: add two chapters.
        attachment: attach a file.
        container_options: of the muxer.
        still: frames that repeat the picture before.
        context: further settings of the encoder.
    """
    import av

    with av.open(str(path), "w", container_options=container_options or {}) as output:
        video = output.add_stream(codec, rate=25, options=context.pop("options", {}))
        video.width, video.height, video.pix_fmt = size[1], size[0], pix_fmt
        video.codec_context.time_base = video.time_base = TIME_BASE
        for name, value in context.items():
            setattr(video.codec_context, name, value)
        if rotation:
            video.set_display_rotation(rotation)
        streams = {"video": video}
        if audio:
            streams["audio"] = output.add_stream("aac", rate=8000, layout="mono")
        if subtitles:
            streams["subtitle"] = _subtitle_stream(output, path.with_suffix(".srt"))
        if attachment:
            output.add_attachment("letters.ttf", "font/ttf", b"letters" * 9)
        output.metadata["title"] = "A disc"
        if chapters:
            output.set_chapters(
                [
                    {
                        "id": n,
                        "start": 200 * n,
                        "end": 200 * n + 200,
                        "metadata": {"title": name},
                        "time_base": Fraction(1, 1000),
                    }
                    for n, name in enumerate(("One", "Two"))
                ]
            )
        _write_pictures(output, video, times, size, still)
        if audio:
            _write_tone(output, streams["audio"], times[-1] * TIME_BASE)
        if subtitles:
            _write_subtitles(output, streams["subtitle"])
    return path


def _write_pictures(output, stream, times, size, still) -> None:
    import av

    shown = 0
    for number, pts in enumerate(times):
        shown = shown if number in still else number
        frame = av.VideoFrame.from_ndarray(moving(shown, *size), format="yuv420p")
        frame.pts, frame.time_base = pts, TIME_BASE
        if stream.pix_fmt != "yuv420p":
            frame = frame.reformat(format=stream.pix_fmt)
            frame.pts, frame.time_base = pts, TIME_BASE
        for packet in stream.encode(frame):
            output.mux(packet)
    for packet in stream.encode(None):
        output.mux(packet)


def _write_tone(output, stream, seconds: Fraction) -> None:
    import av

    samples = np.sin(np.arange(int(8000 * seconds)) * 0.3).astype(np.float32)
    for start in range(0, len(samples) - 1024, 1024):
        frame = av.AudioFrame.from_ndarray(
            samples[None, start : start + 1024], format="fltp", layout="mono"
        )
        frame.rate, frame.pts, frame.time_base = 8000, start, Fraction(1, 8000)
        for packet in stream.encode(frame):
            output.mux(packet)
    for packet in stream.encode(None):
        output.mux(packet)


def _subtitle_stream(output, script: Path) -> Any:
    import av

    script.write_text("1\n00:00:00,000 --> 00:00:00,150\nHello\n")
    with av.open(str(script)) as source:
        template = source.streams[0]
        if hasattr(output, "add_stream_from_template"):
            return output.add_stream_from_template(template, opaque=True)
        return output.add_stream(template=template)


def _write_subtitles(output, stream) -> None:
    import av

    for number in range(2):
        packet = av.Packet(b"Hello")
        packet.stream, packet.time_base = stream, Fraction(1, 1000)
        packet.pts = packet.dts = 200 * number
        packet.duration = 150
        output.mux(packet)


def damage_tone(path: Path) -> Path:
    """Overwrite the header of a frame of AAC, amid an MPEG transport stream."""
    data = bytearray(path.read_bytes())
    places = [match.start() for match in re.finditer(b"\xff\xf1", data)]
    middle = places[len(places) // 2]
    data[middle : middle + 7] = bytes(7)
    path.write_bytes(data)
    return path


def move(path: Path, target: Path, seconds: Fraction) -> Path:
    """Copy a clip with its picture earlier or later than its audio: in MP4 by an edit list."""
    import av

    with av.open(str(path)) as source, av.open(str(target), "w") as output:
        streams = {}
        for stream in source.streams:
            if hasattr(output, "add_stream_from_template"):
                streams[stream.index] = output.add_stream_from_template(stream, opaque=True)
            else:
                streams[stream.index] = output.add_stream(template=stream)
        for packet in source.demux():
            if packet.dts is None:
                continue
            if packet.stream.type == "video":
                packet.pts += int(seconds / packet.time_base)
                packet.dts += int(seconds / packet.time_base)
            packet.stream = streams[packet.stream.index]
            output.mux(packet)
    return target


class Decoded(NamedTuple):
    """A clip, decoded."""

    times: List[Fraction]
    """Seconds."""
    pictures: List[Any]
    """Planes as PyAV gives them."""


def decoded(path: Path) -> Decoded:
    """Decode a whole clip."""
    import av

    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
    return Decoded(
        [frame.pts * frame.time_base for frame in frames], [_planes(frame) for frame in frames]
    )


def _planes(frame: Any) -> Any:
    """Return the planes below each other, (height * 3 / 2, width); PyAV 12 does so for 8 bits."""
    dtype = np.uint8 if frame.format.name == "yuv420p" else np.uint16
    planes = []
    for plane in frame.planes:
        rows = np.frombuffer(plane, dtype).reshape(-1, plane.line_size // np.dtype(dtype).itemsize)
        planes.append(rows[: plane.height, : plane.width].reshape(-1, frame.width).copy())
    return np.concatenate(planes)


def damage(path: Path, *numbers: int) -> Path:
    """Overwrite half of the packets with these numbers, in order of decoding."""
    import av

    data = bytearray(path.read_bytes())
    with av.open(str(path)) as container:
        packets = [(p.pos, p.size) for p in container.demux(video=0) if p.pos is not None]
    for number in numbers:
        start, size = packets[number]
        junk = bytes((place * 73 + 11) % 251 for place in range(size - size // 2))
        data[start + size // 2 : start + size] = junk
    path.write_bytes(data)
    return path
