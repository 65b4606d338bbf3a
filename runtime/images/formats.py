"""The picture formats: names, suffixes and what each can hold."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import Dict, Optional, Tuple

from pcsr_edge.errors import UsageError


@dataclass(frozen=True)
class PictureFormat:
    """What one format is called and can hold."""

    name: str
    """As `-f` spells it."""
    title: str
    """As messages spell it."""
    suffixes: Tuple[str, ...]
    """Lower case; the first one is given to new files."""
    longest_side: int
    """Greatest width or height in pixels that can be written."""
    alpha: bool
    """Whether it is written with an alpha plane."""
    deep: bool
    """Whether it is written with 16 bits per channel."""
    metadata: bool
    """Whether it is written with EXIF, XMP and an ICC profile."""
    resolution: bool
    """Whether it states pixels per inch outside of EXIF."""


_LONG = 2**31 - 1

FORMATS: Dict[str, PictureFormat] = {
    kind.name: kind
    for kind in (
        PictureFormat(
            "png",
            "PNG",
            (".png",),
            _LONG,
            alpha=True,
            deep=True,
            metadata=True,
            resolution=True,
        ),
        # The format could hold 65535; libjpeg refuses more than 65500.
        PictureFormat(
            "jpg",
            "JPEG",
            (".jpg", ".jpeg"),
            65500,
            alpha=False,
            deep=False,
            metadata=True,
            resolution=True,
        ),
        PictureFormat(
            "webp",
            "WebP",
            (".webp",),
            16383,
            alpha=True,
            deep=False,
            metadata=True,
            resolution=False,
        ),
        PictureFormat(
            "tiff",
            "TIFF",
            (".tiff", ".tif"),
            _LONG,
            alpha=True,
            deep=True,
            metadata=True,
            resolution=True,
        ),
        PictureFormat(
            "bmp",
            "BMP",
            (".bmp",),
            _LONG,
            alpha=False,
            deep=False,
            metadata=False,
            resolution=True,
        ),
    )
}

SUFFIXES: Dict[str, PictureFormat] = {
    suffix: kind for kind in FORMATS.values() for suffix in kind.suffixes
}

OUTPUT_FORMATS: Tuple[str, ...] = ("auto", "png", "jpg", "webp", "tiff")
"""What `-f` accepts; BMP is written only where a file name asks for it."""


def format_of_name(path: PurePath) -> Optional[PictureFormat]:
    """Return the format that the suffix of `path` names, or None."""
    return SUFFIXES.get(path.suffix.lower())


def check_format(name: str) -> None:
    """Refuse a value of `-f` that is none of `OUTPUT_FORMATS`.

    Raises:
        UsageError: it is none of them.
    """
    if name not in OUTPUT_FORMATS:
        raise UsageError(f"unknown format {name!r}; choose one of {', '.join(OUTPUT_FORMATS)}")


def choose_format(path: PurePath, name: str) -> PictureFormat:
    """Return the format to write `path` in.

    Args:
        path: of the file to be written; its suffix decides where `name` is `auto`.
        name: one of `OUTPUT_FORMATS`; any but `auto` wins over the suffix.

    Raises:
        UsageError: `name` is unknown, or the suffix decides and names no format.
    """
    check_format(name)
    if name != "auto":
        return FORMATS[name]
    kind = format_of_name(path)
    if kind is None:
        raise UsageError(
            f"the name {path} tells no picture format; end it in one of {', '.join(SUFFIXES)}, "
            f"or choose the format with -f"
        )
    return kind
