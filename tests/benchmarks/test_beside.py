"""A stage that keeps a core busy beside another."""

from __future__ import annotations

import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import List

import pytest
from support.clips import steady, write_clip
from support.tree import ROOT


def _segments(folder: Path) -> List[Path]:
    return sorted(folder.rglob("segment-*.seg"))


def test_an_encoder_that_is_ended_leaves_nothing_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("av")
    monkeypatch.syspath_prepend(str(ROOT))
    from benchmarks.beside import Neighbour, Stages

    film, elsewhere = tmp_path / "film", tmp_path / "elsewhere"
    for folder in (film, elsewhere):
        folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(elsewhere))
    monkeypatch.setattr(tempfile, "tempdir", None)
    source = write_clip(film / "in.mp4", steady(30))
    neighbour = Neighbour("encode", Stages(source, "bicubic", 2, "ultrafast"))
    with closing(neighbour), neighbour.at_work():
        # It goes round and round: a segment has more frames than the film.
        for _ in range(300):
            if _segments(tmp_path):
                break
            time.sleep(0.1)
    assert _segments(film)
    assert not list(elsewhere.iterdir())
