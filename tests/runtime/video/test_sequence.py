"""Names of numbered pictures."""

from __future__ import annotations

import pytest

from pcsr_edge.errors import UsageError
from pcsr_edge.runtime.video.sequence import check_pattern, numbered, numbered_files


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("f_%03d.png", "f_007.png"),
        ("100%_%d.png", "100%_7.png"),
        ("100%%_%02d.png", "100%_07.png"),
    ],
)
def test_a_percent_sign_stays_one(tmp_path, pattern, name) -> None:
    (tmp_path / name).touch()
    assert numbered(pattern, 7) == name
    assert numbered_files(str(tmp_path / pattern)) == [tmp_path / name]


@pytest.mark.parametrize("read", [numbered_files, lambda pattern: check_pattern(pattern, False)])
def test_two_numbers_in_a_name_are_refused(read) -> None:
    with pytest.raises(UsageError, match="must have one number"):
        read("a%03d_%02d.png")
