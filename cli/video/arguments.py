"""The arguments of `upscale` that only videos have."""

from __future__ import annotations

import argparse
from fractions import Fraction
from pathlib import Path
from typing import Tuple

from pcsr_edge.cli import values


def add_video(parser: argparse.ArgumentParser) -> None:
    """Add codec, streams, damage and progress."""
    group = parser.add_argument_group("video (needs the extra `video`)")
    group.add_argument(
        "-c",
        "--codec",
        metavar="NAME",
        help="h264, h265, vp9, av1, or an encoder of FFmpeg (default h264; in .webm vp9)",
    )
    group.add_argument(
        "-e",
        "--encoder-option",
        action="append",
        type=_option,
        default=[],
        metavar="KEY=VALUE",
        help="option of the encoder by FFmpeg's name, e.g. -e crf=20 -e preset=slow",
    )
    group.add_argument(
        "--pix-fmt", metavar="NAME", help="e.g. yuv420p10le (default: the depth of the input)"
    )
    group.add_argument("--no-audio", action="store_true", help="leave audio streams out")
    group.add_argument("--no-subs", action="store_true", help="leave subtitle streams out")
    group.add_argument(
        "--on-error",
        choices=("repeat", "bicubic", "abort"),
        default="repeat",
        help="what becomes of damaged frames: the last good picture again, bicubic of what is "
        "left of them, or an end (default repeat); none is dropped",
    )
    group.add_argument(
        "--still-threshold",
        type=values.natural,
        default=0,
        metavar="N",
        help="parts of the picture whose codes differ by N at most count as unchanged and are not "
        "computed again (default 0: the result stays exact)",
    )
    group.add_argument(
        "--truth",
        type=Path,
        metavar="FILE",
        help="video of the size of the result from which the input was reduced: the report tells "
        "the PSNR of luma against it",
    )
    group.add_argument(
        "--segment",
        type=values.positive,
        default=None,
        metavar="N",
        help="of a video file that becomes another: frames that are written at a time, which is "
        "what a kill costs at most; the same command goes on after it (default 100)",
    )
    group.add_argument(
        "--rate",
        type=_rate,
        metavar="F",
        help="pictures per second where pictures become a video, e.g. 30000/1001 (default 25)",
    )
    group.add_argument(
        "--reconnect",
        type=values.seconds,
        default=10.0,
        metavar="SECONDS",
        help="how long a camera or stream that went away may take to come back before that is its "
        "end (default 10)",
    )
    group.add_argument(
        "--progress",
        choices=("line", "json", "none"),
        default="line",
        help="json: one object per second on stderr, for other programs (default line)",
    )


def _rate(text: str) -> Fraction:
    try:
        rate = Fraction(text)
    except (ValueError, ZeroDivisionError):
        rate = Fraction(0)
    if rate <= 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no frame rate; expected e.g. 25")
    return rate


def _option(text: str) -> Tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise argparse.ArgumentTypeError(f"{text!r} is no option; expected KEY=VALUE, e.g. crf=20")
    return name, value
