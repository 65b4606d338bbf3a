"""Covers, which PyAV 12 can neither tell nor write."""

from __future__ import annotations

import io

import av
import pytest
from PIL import Image
from support.clips import decoded, steady, write_clip

pytestmark = pytest.mark.skipif(
    not hasattr(av.container.OutputContainer, "add_attachment"), reason="PyAV is too old"
)


@pytest.fixture
def picture() -> bytes:
    """Return a red PNG file."""
    file = io.BytesIO()
    Image.new("RGB", (20, 10), "red").save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def covered(tmp_path, picture):
    """Return a function that writes a clip with a cover and a tone."""

    def write(frames=12, **tags):
        plain = write_clip(tmp_path / "plain.mp4", steady(frames), audio=frames > 1)
        with av.open(str(plain)) as source, av.open(str(tmp_path / "in.mkv"), "w") as output:
            copies = {
                stream.index: output.add_stream_from_template(stream, opaque=True)
                for stream in source.streams
            }
            output.add_attachment("cover.png", "image/png", picture)
            output.metadata.update(tags)
            for packet in source.demux():
                if packet.dts is not None:
                    packet.stream = copies[packet.stream.index]
                    output.mux(packet)
        return tmp_path / "in.mkv"

    return write


def cover_of(path):
    """Return the stream that is marked as a cover, and its data."""
    with av.open(str(path)) as container:
        stream = next(s for s in container.streams.video if int(s.disposition) & 0x400)
        data = next(bytes(p) for p in container.demux(stream) if p.size)
        return dict(stream.metadata), data


@pytest.mark.parametrize("target", ["out.mkv", "out.mp4"])
def test_a_cover_goes_along(tmp_path, upscale, covered, picture, target) -> None:
    result = upscale(covered(), target)
    assert cover_of(tmp_path / target)[1] == picture
    assert (result.checked.frames, result.checked.packets["video"]) == (12, 1)


def test_a_cover_of_mp4_becomes_an_attachment(tmp_path, upscale, covered, picture) -> None:
    upscale(covered(), "first.mp4")
    upscale(tmp_path / "first.mp4", "out.mkv")
    metadata, data = cover_of(tmp_path / "out.mkv")
    assert (metadata["filename"], metadata["mimetype"], data) == (
        "cover.png",
        "image/png",
        picture,
    )


def test_a_film_of_one_frame_is_not_its_cover(tmp_path, upscale, covered) -> None:
    upscale(covered(1), "first.mp4")
    assert upscale(tmp_path / "first.mp4", "out.mp4").checked.frames == 1
    assert decoded(tmp_path / "out.mp4").pictures[0].shape == (48 * 4 * 3 // 2, 64 * 4)


def test_tags_that_mp4_does_not_hold_beside_a_cover_are_told(tmp_path, upscale, covered) -> None:
    result = upscale(covered(title="A film", mood="merry"), "out.mp4")
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert container.metadata["title"] == "A film"
    assert any("beside a cover: mood" in note for note in result.notes)


def test_a_cover_that_a_container_cannot_hold_is_told(upscale, covered) -> None:
    result = upscale(covered(), "out.mov")
    assert any("(png) is not kept: mov cannot hold it" in note for note in result.notes)


def test_tags_go_to_mov_though_the_cover_does_not(tmp_path, upscale, covered) -> None:
    upscale(covered(title="A", director="B"), "out.mov")
    with av.open(str(tmp_path / "out.mov")) as container:
        tags = {name.lower(): value for name, value in container.metadata.items()}
    assert (tags["title"], tags["director"]) == ("A", "B")
