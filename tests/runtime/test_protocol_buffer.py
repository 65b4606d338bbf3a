"""Fields of protocol buffers."""

from __future__ import annotations

from typing import List, Tuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcsr_edge.runtime.protocol_buffer import Field, content, fields, varints, written

# Field 1 = 150, field 2 = b"ab", field 3 (32 bits), field 4 (64 bits).
MESSAGE = b"\x08\x96\x01" + b"\x12\x02ab" + b"\x1d1234" + b"\x2112345678"


def test_every_kind_of_field() -> None:
    assert list(fields(MESSAGE)) == [(1, 150), (2, b"ab"), (3, b"1234"), (4, b"12345678")]


def test_packed_numbers() -> None:
    assert list(varints(b"\x01\x96\x01\x03")) == [1, 150, 3]


@pytest.mark.parametrize("length", [2, 6, 9, 18])
def test_what_is_cut_off_is_refused(length: int) -> None:
    with pytest.raises((ValueError, IndexError)):
        list(fields(MESSAGE[:length]))


def test_unknown_kinds_are_refused() -> None:
    with pytest.raises(ValueError, match="unknown kind"):
        list(fields(b"\x0b"))


def test_a_number_is_no_message() -> None:
    with pytest.raises(ValueError, match="expected where a number is"):
        content(150)


@given(st.lists(st.tuples(st.integers(1, 2**20), st.integers(0, 2**63) | st.binary())))
def test_what_is_written_is_read(parts: List[Tuple[int, Field]]) -> None:
    assert list(fields(b"".join(written(number, value) for number, value in parts))) == parts
