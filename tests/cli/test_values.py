"""What option values may look like."""

from __future__ import annotations

import argparse

import pytest

from pcsr_edge.cli import values


def test_size_is_width_by_height():
    assert values.size("1920x1080") == (1920, 1080)


def test_size_reads_back_from_its_text():
    assert values.size(str(values.Size(7, 5))) == (7, 5)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("2GiB", 2 * 2**30), ("800MB", 800 * 10**6), ("1.5kib", 1536), ("4096", 4096)],
)
def test_byte_count(text, expected):
    assert values.byte_count(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("auto", "auto"), ("off", "off"), ("0", "auto"), ("64", 64)]
)
def test_tile(text, expected):
    assert values.tile(text) == expected


@pytest.mark.parametrize("text", ["auto", "cpu", "cuda", "cuda:1", "trt:0"])
def test_device(text):
    assert values.device(text) == text


@pytest.mark.parametrize(("text", "expected"), [("0", "cuda:0"), ("3", "cuda:3"), ("-1", "cpu")])
def test_gpu_number_is_a_device(text, expected):
    assert values.gpu_number(text) == expected


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (values.size, "1920"),
        (values.size, "0x10"),
        (values.size, "-1x10"),
        (values.byte_count, "2 apples"),
        (values.byte_count, "0GiB"),
        (values.byte_count, "GiB"),
        (values.finite, "nan"),
        (values.finite, "inf"),
        (values.finite, "much"),
        (values.scale, "0"),
        (values.scale, "-2"),
        (values.natural, "-1"),
        (values.natural, "1.5"),
        (values.positive, "0"),
        (values.tile, "-3"),
        (values.tile, "big"),
        (values.device, "gpu"),
        (values.device, "cpu:1"),
        (values.gpu_number, "-2"),
    ],
)
def test_refused_values_are_named(read, text):
    with pytest.raises(argparse.ArgumentTypeError, match=repr(text)):
        read(text)


def test_a_tolerance_is_a_number_from_0():
    assert values.tolerance("0") == 0
    with pytest.raises(argparse.ArgumentTypeError, match="no tolerance"):
        values.tolerance("-0.1")
