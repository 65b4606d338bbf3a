"""Where caches go."""

from __future__ import annotations

from pathlib import Path

import pytest

from pcsr_edge.runtime.cache import cache_folder


def test_the_cache_folder_follows_the_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PCSR_EDGE_CACHE", raising=False)
    monkeypatch.setenv("HOME", "/home/x")
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert cache_folder() == Path("/home/x/.cache/pcsr-edge")
    monkeypatch.setenv("XDG_CACHE_HOME", "/caches")
    assert cache_folder() == Path("/caches/pcsr-edge")
    monkeypatch.setenv("PCSR_EDGE_CACHE", "/mine")
    assert cache_folder() == Path("/mine")


def test_a_relative_cache_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PCSR_EDGE_CACHE", raising=False)
    monkeypatch.setenv("HOME", "/home/x")
    monkeypatch.setenv("XDG_CACHE_HOME", "caches")
    assert cache_folder() == Path("/home/x/.cache/pcsr-edge")
