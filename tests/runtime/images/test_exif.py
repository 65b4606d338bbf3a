"""EXIF blocks, byte by byte."""

from __future__ import annotations

import struct
from typing import Tuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.picture_files import exif

from pcsr_edge.runtime.images.exif import ExifBlock, sized_exif, upright_exif

SHORT, LONG = 3, 4


def block(order: str, entries: Tuple[Tuple[int, int, int], ...], following: int = 0) -> bytes:
    """Return a block of one directory of single values."""
    head = {"<": b"II*\0", ">": b"MM\0*"}[order] + struct.pack(order + "I", 8)
    body = struct.pack(order + "H", len(entries))
    for tag, kind, value in entries:
        field = struct.pack(order + ("H2x" if kind == SHORT else "I"), value)
        body += struct.pack(order + "HHI", tag, kind, 1) + field
    return head + body + struct.pack(order + "I", following)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", [SHORT, LONG])
@pytest.mark.parametrize("prefix", [b"", b"Exif\0\0"])
def test_orientation_is_read_and_reset(order: str, kind: int, prefix: bytes) -> None:
    original = block(order, ((0x0112, kind, 5),))
    upright, orientation, notes = upright_exif(prefix + original)
    assert (orientation, notes) == (5, ())
    assert upright == block(order, ((0x0112, SHORT, 1),))


@pytest.mark.parametrize("value", [0, 9, 65535])
def test_senseless_orientation_is_upright(value: int) -> None:
    upright, orientation, _ = upright_exif(block("<", ((0x0112, SHORT, value),)))
    assert orientation == 1
    assert upright == block("<", ((0x0112, SHORT, 1),))


def test_block_without_orientation_stays() -> None:
    original = block("<", ((0x0100, LONG, 70000),))
    assert upright_exif(original) == (original, 1, ())


def test_thumbnail_is_unlinked() -> None:
    upright, _, _ = upright_exif(block(">", ((0x0112, SHORT, 3),), following=400))
    assert upright == block(">", ((0x0112, SHORT, 1),))


def test_only_the_size_changes() -> None:
    before, after = exif(size=(2, 3))[6:], sized_exif(exif(size=(2, 3)), (300, 70_000))
    assert ExifBlock(after).entries == ExifBlock(before).entries
    assert len(after) == len(before)
    assert sized_exif(after, (2, 3)) == sized_exif(before, (2, 3))


def test_no_block() -> None:
    assert upright_exif(None) == (None, 1, ())
    assert upright_exif(b"") == (None, 1, ())


@pytest.mark.parametrize(
    "damaged",
    [
        b"JJ*\0\x08\0\0\0",
        b"II*\0",
        b"II*\0\xff\xff\xff\xff",
        block("<", ((0x0112, SHORT, 6),))[:-6],
    ],
    ids=["no-header", "too-short", "points-outside", "cut-off"],
)
def test_damaged_block_is_left_out_with_a_note(damaged: bytes) -> None:
    upright, orientation, notes = upright_exif(damaged)
    assert (upright, orientation, len(notes)) == (None, 1, 1)


@given(st.sampled_from([b"II*\0", b"MM\0*"]), st.binary(max_size=80))
def test_hostile_blocks_raise_nothing(head: bytes, rest: bytes) -> None:
    upright, orientation, notes = upright_exif(head + rest)
    assert 1 <= orientation <= 8
    assert (upright is None) == bool(notes)
    assert len(sized_exif(head + rest, (5, 6))) == 4 + len(rest)
