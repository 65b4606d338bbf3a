"""The picture that shows what upscaling did: the whole, and one crop four times side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Sequence, Tuple

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from pcsr_edge.cli.class_map import palette

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

Pixels = npt.NDArray[np.uint8]

PANEL = 400
"""Side of one crop on the sheet."""
CROP = 200
"""Side of a crop in SR pixels, where the picture is large enough: shown at twice its size."""
MIXED = (0.2, 0.6)
"""Shares of heavy pixels between which a crop shows both."""
GAP, MARGIN, LABEL, TITLE = 14, 24, 34, 64
BACKGROUND, TEXT, SOFT, FRAME = (18, 21, 28), (240, 242, 246), (160, 168, 182), (255, 255, 255)


class Views(NamedTuple):
    """The same picture four times, all uint8 RGB (H, W, 3)."""

    nearest: Pixels
    """The input, every pixel repeated."""
    bicubic: Pixels
    ours: Pixels
    classes: Pixels
    """The class map as colours."""


class Captions(NamedTuple):
    """What is written on the sheet."""

    title: str
    subtitle: str
    ours: str
    fractions: Tuple[float, ...]
    """Share of each class, for the legend."""


class Box(NamedTuple):
    """A square of the picture, in SR pixels."""

    left: int
    top: int
    side: int


def telling_crop(
    ours: Pixels, bicubic: Pixels, heavy: npt.NDArray[np.bool_], side: int = CROP
) -> Box:
    """Return a square that shows texture beside calm: where both kinds of class had work.

    Its side is `side`, or that of the picture where it is smaller.

    Of the squares with a share of heavy pixels within `MIXED` (of all, where there is none) it is
    the one in which the result differs most from bicubic.
    """
    side = min(side, *heavy.shape)
    difference = ours.astype(np.float32) - bicubic.astype(np.float32)
    gain = _window_means((difference * difference).mean(axis=2), side)
    share = _window_means(heavy, side)
    mixed = (share >= MIXED[0]) & (share <= MIXED[1])
    best = int(np.argmax(np.where(mixed, gain, -1.0) if mixed.any() else gain))
    top, left = np.unravel_index(best, gain.shape)
    return Box(int(left), int(top), side)


def _window_means(values: npt.NDArray[Any], side: int) -> npt.NDArray[np.float64]:
    """Return the mean of every side x side window, (H - side + 1, W - side + 1)."""
    sums = np.pad(values.astype(np.float64), ((1, 0), (1, 0))).cumsum(axis=0).cumsum(axis=1)
    rows = sums[side:] - sums[:-side]
    means: npt.NDArray[np.float64] = (rows[:, side:] - rows[:, :-side]) / side**2
    return means


def comparison(views: Views, heavy: npt.NDArray[np.bool_], captions: Captions) -> Pixels:
    """Draw the sheet.

    Args:
        views: the picture four times.
        heavy: (H, W), where a heavy class worked.
        captions: what is written.

    Returns:
        RGB uint8, about 1700 pixels wide.
    """
    box = telling_crop(views.ours, views.bicubic, heavy)
    width = 4 * PANEL + 3 * GAP
    half = (width - GAP) // 2
    whole_height = min(round(half * views.ours.shape[0] / views.ours.shape[1]), 3 * half // 2)
    rows = TITLE + LABEL + whole_height + GAP + LABEL + PANEL
    sheet = Image.new("RGB", (width + 2 * MARGIN, rows + 2 * MARGIN), BACKGROUND)
    draw = ImageDraw.Draw(sheet)
    _text(draw, (MARGIN, MARGIN - 2), captions.title, 26, TEXT)
    _text(draw, (MARGIN, MARGIN + 32), captions.subtitle, 17, SOFT)

    top = MARGIN + TITLE
    for index, (label, pixels) in enumerate(
        (
            (f"{captions.ours}, whole picture", views.ours),
            ("which class did the work", views.classes),
        )
    ):
        left = MARGIN + index * (half + GAP)
        _text(draw, (left, top + 8), label, 19, TEXT)
        _whole(sheet, pixels, (left, top + LABEL, half, whole_height), box)
    _legend(draw, (MARGIN + width, top + 8), captions.fractions)

    top += LABEL + whole_height + GAP
    labels = ("input, pixels enlarged", "bicubic", captions.ours, "class map")
    for index, (label, pixels) in enumerate(zip(labels, views)):
        left = MARGIN + index * (PANEL + GAP)
        _text(draw, (left, top + 8), label, 19, TEXT)
        sheet.paste(_crop(pixels, box), (left, top + LABEL))
    return np.asarray(sheet)


def _whole(sheet: PillowImage, pixels: Pixels, place: Tuple[int, int, int, int], box: Box) -> None:
    left, top, width, height = place
    factor = min(width / pixels.shape[1], height / pixels.shape[0])
    size = (max(round(pixels.shape[1] * factor), 1), max(round(pixels.shape[0] * factor), 1))
    sheet.paste(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS), (left, top))
    corners = [round(value * factor) for value in (box.left, box.top)]
    x, y, side = left + corners[0], top + corners[1], round(box.side * factor)
    draw = ImageDraw.Draw(sheet)
    # A dark line around the white one keeps it visible on bright pictures.
    draw.rectangle((x - 1, y - 1, x + side + 1, y + side + 1), outline=BACKGROUND, width=4)
    draw.rectangle((x, y, x + side, y + side), outline=FRAME, width=2)


def _crop(pixels: Pixels, box: Box) -> PillowImage:
    part = pixels[box.top : box.top + box.side, box.left : box.left + box.side]
    return Image.fromarray(np.ascontiguousarray(part)).resize(
        (PANEL, PANEL), Image.Resampling.NEAREST
    )


def _legend(draw: ImageDraw.ImageDraw, corner: Tuple[int, int], fractions: Sequence[float]) -> None:
    """Draw one swatch per class, ending at `corner` (right, top)."""
    right, top = corner
    names = ["heavy", *(f"class {j}" for j in range(1, len(fractions) - 1)), "light"]
    entries = list(zip(names, palette(len(fractions)), fractions))
    for name, rgb, share in reversed(entries[: len(fractions)]):
        text = f"{name} {100 * share:.0f}%"
        right -= _text_width(text, 17)
        _text(draw, (right, top + 1), text, 17, SOFT)
        right -= 22
        red, green, blue = (int(value) for value in rgb)
        draw.rectangle(
            (right, top + 3, right + 15, top + 18), fill=(red, green, blue), outline=SOFT
        )
        right -= 18


def _font(size: int) -> Any:
    try:
        return ImageFont.load_default(size=size)
    except TypeError:  # Pillow before 10.1 has one small bitmap font
        return ImageFont.load_default()


def _text(
    draw: ImageDraw.ImageDraw,
    place: Tuple[int, int],
    text: str,
    size: int,
    colour: Tuple[int, int, int],
) -> None:
    draw.text(place, text, fill=colour, font=_font(size))


def _text_width(text: str, size: int) -> int:
    left, _, right, _ = _font(size).getbbox(text)
    return int(right - left)
