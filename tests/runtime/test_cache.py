"""Where caches go."""

from __future__ import annotations

from pathlib import Path

from pcsr_edge.runtime.cache import cache_folder


def test_cache_folder_follows_xdg() -> None:
    folder = cache_folder({"XDG_CACHE_HOME": "/caches"}, Path("/home/me"))
    assert folder == Path("/caches/pcsr-edge")


def test_relative_xdg_is_ignored() -> None:
    folder = cache_folder({"XDG_CACHE_HOME": "caches"}, Path("/home/me"))
    assert folder == Path("/home/me/.cache/pcsr-edge")
