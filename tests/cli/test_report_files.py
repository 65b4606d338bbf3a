"""Files that a command writes beside its results."""

from __future__ import annotations

from pathlib import Path

import pytest

from pcsr_edge.cli.report_files import check_report
from pcsr_edge.errors import OutputError, UsageError


def test_a_new_file_is_welcome(tmp_path: Path) -> None:
    check_report(tmp_path / "report.csv", overwrite=False)
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_is_replaced_only_where_that_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    path.touch()
    check_report(path, overwrite=True)
    with pytest.raises(OutputError, match="exists already; --overwrite replaces it"):
        check_report(path, overwrite=False)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="is a folder, expected the name of a file"):
        check_report(tmp_path, overwrite=True)


def test_its_folder_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="there is no folder"):
        check_report(tmp_path / "reports" / "report.csv", overwrite=False)


def test_reports_do_not_go_to_stdout() -> None:
    with pytest.raises(UsageError, match="name a file in place of -"):
        check_report(Path("-"), overwrite=False)
