"""Available memory is read, and frames that would not fit are refused."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

import pytest

from pcsr_edge.errors import UsageError
from pcsr_edge.runtime import memory


def test_available_memory_is_read(tmp_path: Path) -> None:
    path = tmp_path / "meminfo"
    path.write_text("MemTotal:  100 kB\nMemFree: 1 kB\nMemAvailable:   42 kB\n")
    assert memory.available_bytes(path) == 42 * 1024


@pytest.mark.parametrize("text", ["", "MemAvailable: lots", "MemAvailable: -1 kB"])
def test_text_that_says_nothing_gives_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "meminfo"
    path.write_text(text)
    assert memory.available_bytes(path) is None


def test_a_missing_file_gives_none(tmp_path: Path) -> None:
    assert memory.available_bytes(tmp_path / "gone") is None


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(UsageError, match=r"a result needs about 2\.0 GiB.*1\.0 GiB.*smaller scale"):
        memory.check_room(2 * 2**30, 2**30, "a result", least=2**30 + 1)


def test_smaller_tiles_are_named_where_they_would_fit() -> None:
    with pytest.raises(UsageError, match="smaller tiles: lower --memory-limit"):
        memory.check_room(2 * 2**30, 2**30, "a result", least=2**30)


@pytest.mark.parametrize("available", [None, 10])
def test_what_fits_or_is_not_known_passes(available: int) -> None:
    memory.check_room(10, available, "x", least=5)


@pytest.mark.parametrize(
    ("free", "expected"),
    [(None, memory.DEFAULT_MEMORY), (2**40, memory.DEFAULT_MEMORY), (300, 100), (50, 0)],
)
def test_the_default_limit_is_half_of_what_is_free(free: Optional[int], expected: int) -> None:
    assert memory.default_limit(100, free) == expected
