"""What an error must look like."""

from __future__ import annotations


def assert_one_sentence(error: str) -> None:
    """Make sure that stderr holds one line of our own, and no traceback."""
    assert error.startswith("pcsr-edge: error: ")
    assert error.count("\n") == 1
