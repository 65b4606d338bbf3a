"""Encoders: their options, and the colours of what they make."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from support.clips import decoded, steady, write_clip

from pcsr_edge.errors import UsageError
from pcsr_edge.runtime.video.encoder import Encoder
from pcsr_edge.runtime.video.encoding import choose_encoding
from pcsr_edge.runtime.video.frame import Frame, Tags, VideoFacts
from pcsr_edge.runtime.video.pipeline import LOOKAHEAD
from pcsr_edge.runtime.yuv import Yuv, YuvFormat


@pytest.mark.parametrize("codec", ["h264", "h265", "vp9"])
@pytest.mark.parametrize("option", ["b", "qp"])
def test_a_rate_that_the_user_names_is_not_gainsaid_by_the_default(codec, option) -> None:
    encoding = choose_encoding(Path("out.mkv"), 8, codec=codec, options={option: "20"})
    assert "crf" not in encoding.options
    assert encoding.options[option] == "20"


def test_other_options_stand_beside_the_defaults() -> None:
    encoding = choose_encoding(Path("out.mkv"), 8, options={"preset": "slow"})
    assert encoding.options == {"crf": "17", "preset": "slow"}


def held(**options) -> int:
    """Return how many frames x264 holds back."""
    facts = VideoFacts((32, 32), YuvFormat(), None, Tags(1, 1, 1), Fraction(1, 25))
    options = {name.replace("_", "-"): value for name, value in options.items()}
    encoder = Encoder(choose_encoding(Path("out.mp4"), 8, options=options), facts, (32, 32))
    planes = [np.full(shape, 128, np.uint8) for shape in ((32, 32), (16, 16), (16, 16))]
    frames = (Frame(Yuv(*planes), number) for number in range(100))
    return next(frame.pts for frame in frames if encoder.encode(frame))


def test_x264_holds_back_less_than_its_preset_would() -> None:
    assert held() < held(preset="faster") <= LOOKAHEAD


@pytest.mark.parametrize("option", ["rc_lookahead", "x264_params"])
def test_how_far_x264_looks_ahead_can_be_named(option) -> None:
    assert held(**{option: "40" if option == "rc_lookahead" else "rc-lookahead=40"}) >= 40


def test_x264_without_latency_does_not_look_ahead() -> None:
    assert held(tune="film,zerolatency", maxrate="1M", bufsize="1M") == 0


def test_a_quantizer_of_zero_is_lossless(tmp_path, upscale) -> None:
    source = write_clip(tmp_path / "in.mp4", steady(3))
    upscale(source, "lossless.mkv", encoder_options={"qp": "0"})
    upscale(source, "raw.mkv", codec="ffv1")
    pairs = zip(decoded(tmp_path / "lossless.mkv").pictures, decoded(tmp_path / "raw.mkv").pictures)
    assert all(np.array_equal(one, other) for one, other in pairs)


def test_an_encoder_with_threads_of_its_own_may_read_late() -> None:
    facts = VideoFacts((240, 320), YuvFormat(), None, Tags(1, 1, 1), Fraction(1, 25))

    def packets(**options):
        encoding = choose_encoding(Path("out.mkv"), 8, codec="ffvhuff", options=options, threads=2)
        encoder = Encoder(encoding, facts, (240, 320))
        noise = np.random.default_rng(0)
        made = []
        for number in range(20):
            y = noise.integers(0, 256, (240, 320)).astype(np.uint8)
            frame = Frame(Yuv(y, y[::2, ::2], y[1::2, ::2]), number)
            made += encoder.encode(frame)
        return [packet.data for packet in made + encoder.flush()]

    assert packets(thread_type="frame") == packets(thread_type="slice")


def test_a_pixel_format_that_does_not_exist_is_refused(tmp_path, upscale) -> None:
    source = write_clip(tmp_path / "in.mp4", steady(3))
    with pytest.raises(UsageError, match="not a pixel format: 'nonsense'"):
        upscale(source, codec="rawvideo", pix_fmt="nonsense")


@pytest.mark.parametrize(
    ("codec", "pix_fmt", "matrix", "swing"),
    [
        ("ffv1", "bgr0", 0, 2),
        ("mjpeg", "yuvj420p", 5, 2),
        ("h264", "yuvj420p", 1, 2),
        ("h264", "yuv444p", 1, 1),
    ],
)
def test_other_formats_show_the_same_colours(
    tmp_path, upscale, codec, pix_fmt, matrix, swing
) -> None:
    source = write_clip(tmp_path / "in.mp4", steady(3), colorspace=1)
    upscale(source, "plain.mkv", encoder_options={"qp": "1"})
    upscale(source, "other.mkv", codec=codec, pix_fmt=pix_fmt)
    with av.open(str(tmp_path / "other.mkv")) as container:
        frame = next(container.decode(video=0))
    assert (int(frame.colorspace), int(frame.color_range)) == (matrix, swing)
    assert np.abs(_rgb(tmp_path / "plain.mkv") - _rgb(tmp_path / "other.mkv")).max() < 2


def _rgb(path):
    """Return the mean colour of the first frame, from what the file states."""
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
    if frame.format.is_rgb:
        return frame.to_ndarray(format="rgb24").astype(float).mean((0, 1))
    planes = [
        np.frombuffer(p, np.uint8).reshape(-1, p.line_size)[:, : p.width] for p in frame.planes
    ]
    y, cb, cr = (plane[: p.height].mean() for plane, p in zip(planes, frame.planes))
    full = int(frame.color_range) == 2
    luma = y if full else (y - 16) * 255 / 219
    cb, cr = ((c - 128) * (1 if full else 255 / 224) for c in (cb, cr))
    red, blue = {1: (0.2126, 0.0722), 5: (0.299, 0.114)}[int(frame.colorspace)]
    r, b = luma + 2 * (1 - red) * cr, luma + 2 * (1 - blue) * cb
    return np.array([r, (luma - red * r - blue * b) / (1 - red - blue), b])
