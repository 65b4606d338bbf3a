"""Fields of protocol buffers."""

from __future__ import annotations

import pytest

from pcsr_edge.runtime.wire import fields, wholes, written

# Field 1 = 150, field 2 = b"ab", field 3 (32 bits), field 4 (64 bits): the examples of the manual.
MESSAGE = b"\x08\x96\x01" + b"\x12\x02ab" + b"\x1d1234" + b"\x2112345678"


def test_fields_and_their_places() -> None:
    found = list(fields(MESSAGE))
    assert [field.number for field in found] == [1, 2, 3, 4]
    assert found[0].whole == 150
    assert [MESSAGE[f.start : f.stop] for f in found[1:]] == [b"ab", b"1234", b"12345678"]


def test_a_part_of_the_bytes_can_be_read() -> None:
    (field,) = fields(b"xx" + MESSAGE[3:7] + b"yy", 2, 6)
    assert (field.number, field.start, field.stop) == (2, 4, 6)


def test_packed_numbers() -> None:
    assert list(wholes(b"\x01\x96\x01\x03", 0, 4)) == [1, 150, 3]


@pytest.mark.parametrize("length", [2, 6, 9, 18])
def test_what_is_cut_off_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="cut off"):
        list(fields(MESSAGE[:length]))


def test_unknown_kinds_are_refused() -> None:
    with pytest.raises(ValueError, match="unknown kind"):
        list(fields(b"\x0b"))


@pytest.mark.parametrize("length", [0, 127, 128, 70_000])
def test_what_is_written_is_read_back(length: int) -> None:
    content = b"x" * length
    message = written(20, content)
    (field,) = fields(message)
    assert (field.number, message[slice(*field.inside())]) == (20, content)


def test_a_number_holds_no_message() -> None:
    with pytest.raises(ValueError, match="a message was expected"):
        next(fields(MESSAGE)).inside()
