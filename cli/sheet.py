"""Sheets of small pictures with captions, drawn with Pillow alone."""

from __future__ import annotations

import io
from typing import List, NamedTuple, Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

Pixels = npt.NDArray[np.uint8]

GAP = 10
LINE = 14
"""Pixels of a line of text."""
INK, PAPER = (30, 30, 30), (255, 255, 255)


class Cell(NamedTuple):
    """A picture and what stands below it."""

    picture: Pixels
    """uint8 (H, W, 3)."""
    caption: Sequence[str]
    """Lines."""


def sheet(title: Sequence[str], rows: Sequence[Sequence[Cell]]) -> bytes:
    """Arrange cells in rows below a title, and return the PNG."""
    font = ImageFont.load_default()
    text_width = max(int(font.getlength(line)) for line in title)
    heights = [max(_height(cell) for cell in row) for row in rows]
    width = max([text_width, *(sum(_width(cell) + GAP for cell in row) for row in rows)])
    top = GAP + LINE * len(title) + GAP
    size = width + 2 * GAP, top + sum(height + GAP for height in heights)
    canvas = Image.new("RGB", size, PAPER)
    draw = ImageDraw.Draw(canvas)
    _write(draw, GAP, GAP, title)
    for row, height in zip(rows, heights):
        left = GAP
        for cell in row:
            canvas.paste(Image.fromarray(cell.picture), (left, top))
            _write(draw, left, top + cell.picture.shape[0] + 2, cell.caption)
            left += _width(cell) + GAP
        top += height + GAP
    buffer = io.BytesIO()
    canvas.save(buffer, format="PNG")
    return buffer.getvalue()


def enlarged(picture: Pixels, factor: int) -> Pixels:
    """Repeat pixels, so that single ones can be seen."""
    return picture.repeat(factor, axis=0).repeat(factor, axis=1)


def _width(cell: Cell) -> int:
    font = ImageFont.load_default()
    lines: List[int] = [int(font.getlength(line)) + 1 for line in cell.caption]
    return max([int(cell.picture.shape[1]), *lines])


def _height(cell: Cell) -> int:
    return int(cell.picture.shape[0]) + 4 + LINE * len(cell.caption)


def _write(draw: ImageDraw.ImageDraw, left: int, top: int, lines: Sequence[str]) -> None:
    for index, line in enumerate(lines):
        draw.text((left, top + index * LINE), line, fill=INK, font=ImageFont.load_default())
