"""The commit of the code is found where git knows it, and nowhere else."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from pcsr_edge.train.commit import code_commit

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def git(folder: Path, *arguments: str) -> str:
    """Run git as somebody."""
    who = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false")
    command = ["git", "-C", str(folder), *who, *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout.decode().strip()


@pytest.fixture(name="file")
def _file(tmp_path: Path) -> Path:
    """Return a file that is committed in a repository of its own."""
    file = tmp_path / "code.py"
    file.write_text("a = 1\n")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "code.py")
    git(tmp_path, "commit", "-q", "-m", "first")
    return file


@needs_git
def test_the_commit_is_found(file: Path) -> None:
    assert code_commit(file) == git(file.parent, "rev-parse", "HEAD")


@needs_git
def test_it_is_found_beside_a_tag(file: Path) -> None:
    git(file.parent, "tag", "-a", "v1", "-m", "v1")
    assert code_commit(file) == git(file.parent, "rev-parse", "HEAD")


@needs_git
def test_changed_code_is_marked(file: Path) -> None:
    file.write_text("a = 2\n")
    assert code_commit(file) == git(file.parent, "rev-parse", "HEAD") + "-changed"


@needs_git
def test_a_package_inside_a_strange_repository_has_none(file: Path) -> None:
    installed = file.parent / "site-packages" / "code.py"
    installed.parent.mkdir()
    installed.touch()
    assert code_commit(installed) is None


@needs_git
def test_a_repository_in_the_environment_is_not_asked(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = git(file.parent, "rev-parse", "HEAD")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    assert code_commit(file) == expected


def test_outside_a_repository_there_is_none(tmp_path: Path) -> None:
    (tmp_path / "code.py").touch()
    assert code_commit(tmp_path / "code.py") is None


def test_without_git_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert code_commit() is None
