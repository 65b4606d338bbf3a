"""A clip as people have them, where it is at hand."""

from __future__ import annotations

import av
import pytest
from support.clips import decoded


@pytest.fixture
def beginning(shared_data, tmp_path):
    """Return the first 40 frames of the clip and the sound beside them, copied."""
    clip = shared_data / "video" / "car-detection.mp4"
    if not clip.is_file():
        pytest.skip(f"no {clip}")
    with av.open(str(clip)) as source, av.open(str(tmp_path / "in.mp4"), "w") as output:
        frames = source.streams.video[0].average_rate
        ends = {"video": 40, "audio": int(40 / frames * 48_000 / 1024)}
        counts = dict.fromkeys(ends, 0)
        copies = {}
        for stream in source.streams:
            template = getattr(output, "add_stream_from_template", None)
            copies[stream.index] = (
                template(stream) if template else output.add_stream(template=stream)
            )
        for packet in source.demux():
            kind = packet.stream.type
            if packet.dts is not None and counts[kind] < ends[kind]:
                counts[kind] += 1
                packet.stream = copies[packet.stream.index]
                output.mux(packet)
    return tmp_path / "in.mp4"


def sound(path):
    """Return what the packets of the sound hold."""
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(audio=0) if packet.size]


@pytest.mark.parametrize("target", ["out.mp4", "out.mkv"])
def test_a_real_clip_keeps_its_frames_times_and_sound(beginning, upscale, target) -> None:
    result = upscale(beginning, target, encoder_options={"preset": "ultrafast"}, segment=16)
    out = beginning.with_name(target)
    assert result.checked.frames == len(decoded(beginning).times) == 40
    assert decoded(out).times == pytest.approx(decoded(beginning).times, abs=0.0005)
    assert sound(out) == sound(beginning) != []
