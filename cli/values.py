"""What option values may look like; each function refuses the rest with one sentence."""

from __future__ import annotations

import argparse
import math
import re
from typing import NamedTuple, Union

_UNITS = {"": 1, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "KB": 10**3, "MB": 10**6, "GB": 10**9}
_DEVICE = re.compile(r"auto|cpu|(cuda|trt)(:\d+)?")


class Size(NamedTuple):
    """A picture's size in pixels, written WxH."""

    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


def size(text: str) -> Size:
    """Read `WxH`, e.g. `1920x1080`."""
    match = re.fullmatch(r"(\d+)[xX×](\d+)", text)
    if match is None or min(int(match[1]), int(match[2])) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no size; expected WxH, e.g. 1920x1080")
    return Size(int(match[1]), int(match[2]))


def byte_count(text: str) -> int:
    """Read an amount of memory, e.g. `2GiB`, `800MB` or a plain number of bytes."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([A-Za-z]*)", text)
    if match is None or match[2].upper() not in _UNITS or float(match[1]) <= 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no amount of memory; expected e.g. 2GiB")
    return int(float(match[1]) * _UNITS[match[2].upper()])


def finite(text: str) -> float:
    """Read a number that is neither infinite nor `nan`."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise argparse.ArgumentTypeError(f"{text!r} is not a finite number")
    return value


def scale(text: str) -> float:
    """Read a magnification: a finite number above 0."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no magnification; expected a number above 0 such as 2 or 2.5"
        )
    return value


def frame_rate(text: str) -> float:
    """Read a number of pictures per second: above 0."""
    value = finite(text)
    if value <= 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no frame rate; expected more than 0")
    return value


def milliseconds(text: str) -> float:
    """Read a time: above 0."""
    value = finite(text)
    if value <= 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no time; expected more than 0")
    return value


def seconds(text: str) -> float:
    """Read a duration in seconds: from 0."""
    value = finite(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no duration; expected seconds from 0")
    return value


def tolerance(text: str) -> float:
    """Read a difference that is allowed: a number from 0."""
    value = finite(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no tolerance; expected a number from 0")
    return value


def natural(text: str) -> int:
    """Read a whole number from 0."""
    if re.fullmatch(r"\d+", text) is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0")
    return int(text)


def positive(text: str) -> int:
    """Read a whole number from 1."""
    if re.fullmatch(r"\d+", text) is None or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1")
    return int(text)


def tile(text: str) -> Union[int, str]:
    """Read `auto`, `off` or a number of LR pixels; 0 is `auto`."""
    if text in ("auto", "off"):
        return text
    if re.fullmatch(r"\d+", text) is None:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no tile size; expected auto, off or a number of LR pixels"
        )
    return int(text) or "auto"


def device(text: str) -> str:
    """Read the name of a device."""
    if _DEVICE.fullmatch(text) is None:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no device; expected auto, cpu, cuda, cuda:N, trt or trt:N"
        )
    return text


def gpu_number(text: str) -> str:
    """Read the number of a GPU as the name of a device; -1 is the CPU, as in other upscalers."""
    if text == "-1":
        return "cpu"
    return f"cuda:{natural(text)}"
