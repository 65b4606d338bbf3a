"""Pictures of PyAV as planes of 4:2:0."""

from __future__ import annotations

import av
import numpy as np
import pytest
from support.clips import steady, write_clip

from pcsr_edge.runtime.colour import Range
from pcsr_edge.runtime.sampling import Siting
from pcsr_edge.runtime.video.av_planes import planes_of
from pcsr_edge.runtime.yuv import YuvFormat


def ramp(name, width=64):
    """Return a picture whose chroma rises by two codes from one column of luma to the next."""
    picture = av.VideoFrame(width, 32, name)
    for number, plane in enumerate(picture.planes):
        rows = np.full((plane.height, plane.line_size), 100)
        if number:
            step = round(width / plane.width)
            rows[:, : plane.width] = 40 + 2 * step * np.arange(plane.width)
        plane.update(rows.astype(np.uint8).tobytes())
    return picture


@pytest.mark.parametrize("name", ["yuv444p", "yuv422p", "yuv411p"])
@pytest.mark.parametrize("width", [64, 61])
def test_chroma_of_other_widths_comes_to_the_left_sample_of_two(name, width) -> None:
    planes = planes_of(ramp(name, width), YuvFormat())
    assert planes.cb.shape == (16, (width + 1) // 2)
    assert planes.cb[8, 8:14].tolist() == [40 + 2 * 2 * place for place in range(8, 14)]


def test_centred_chroma_comes_amid_both_samples() -> None:
    planes = planes_of(ramp("yuv444p"), YuvFormat(siting=Siting.CENTRE))
    assert planes.cr[8, 8:12].tolist() == [73, 77, 81, 85]


@pytest.mark.parametrize("name", ["yuvj444p", "yuvj422p", "yuvj420p", "yuv444p"])
def test_full_range_stays_what_it_is(name) -> None:
    picture = ramp(name)
    picture.color_range = 2
    planes = planes_of(picture, YuvFormat(Range.FULL))
    assert (planes.y[5, 5], planes.cb[8, 8] - 72 in (0, 1)) == (100, True)


def test_gray_of_full_range_stays_what_it_is() -> None:
    picture = ramp("gray")
    picture.color_range = 2
    planes = planes_of(picture, YuvFormat(Range.FULL))
    assert (planes.y[5, 5], planes.cb[5, 5], planes.cr[5, 5]) == (100, 128, 128)


def test_red_becomes_red_of_studio_range() -> None:
    picture = av.VideoFrame.from_ndarray(np.full((8, 8, 3), (255, 0, 0), np.uint8), format="rgb24")
    planes = planes_of(picture, YuvFormat())
    # BT.709: 16 + 219 * 0.2126, 128 - 224 * 0.2126 / 1.8556, 240.
    found = [int(plane[2, 2]) for plane in planes]
    assert np.abs(np.subtract(found, (63, 102, 240))).max() <= 1


def test_transparency_of_gray_is_told(tmp_path, upscale) -> None:
    source = write_clip(tmp_path / "in.mkv", steady(3), codec="ffv1", pix_fmt="ya8")
    assert "its transparency is not kept" in upscale(source).notes
