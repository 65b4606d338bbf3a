"""`pcsr-edge upscale` when a picture fails, memory ends or the user stops it."""

from __future__ import annotations

import json
import signal
import sys

import pytest

from pcsr_edge.cli.batch import Batch
from pcsr_edge.runtime.upscaler import Upscaler


def test_one_failure_does_not_stop_the_others(upscale, save, tmp_path, files):
    save("in/a.png")
    (tmp_path / "in" / "bad.png").write_text("no picture")
    save("in/c.png")
    ran = upscale(tmp_path / "in", "-o", tmp_path / "out")
    assert ran.code == 1
    assert [f for f in files() if f.startswith("out")] == ["out/a.png", "out/c.png"]
    assert ran.err.count("pcsr-edge: error:") == 1
    assert "2 pictures done, 1 failed" in ran.out


def test_interrupt_keeps_what_is_done(upscale, save, tmp_path, files, monkeypatch):
    save("in/a.png", 13)
    save("in/b.png", 17)
    whole = Upscaler.run

    def interrupted(self, image, **options):
        if image.shape[1] == 17:
            raise KeyboardInterrupt
        return whole(self, image, **options)

    monkeypatch.setattr(Upscaler, "run", interrupted)
    ran = upscale(tmp_path / "in", "-o", tmp_path / "out", "--json")
    assert ran.code == 130
    assert json.loads(ran.out)["interrupted"] is True
    assert files() == ["in/a.png", "in/b.png", "out/a.png"]


def test_too_little_memory_is_one_failure(upscale, save, tmp_path, monkeypatch):
    whole = Upscaler.run

    def starved(self, image, **options):
        if image.shape[1] == 12:
            raise MemoryError
        return whole(self, image, **options)

    monkeypatch.setattr(Upscaler, "run", starved)
    ran = upscale(save("in.png"), tmp_path / "out.png")
    assert ran.code == 1
    assert "smaller scale or size" in ran.err


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGINT to send")
@pytest.mark.parametrize("named", [True, False], ids=["named", "auto"])
def test_ctrl_c_stops_the_engine(named, cli, save, tiny_bundle, tmp_path, monkeypatch):
    stopped = []
    model = ("-m", tiny_bundle) if named else ("-n", "auto")
    monkeypatch.setattr(Upscaler, "cancel", lambda _: stopped.append(True))
    monkeypatch.setattr(Batch, "run", lambda self, progress: signal.raise_signal(signal.SIGINT))
    ran = cli("upscale", save("in.png"), tmp_path / "out.png", *model, "--json")
    assert (ran.code, len(stopped)) == (130, 1)
    assert json.loads(ran.out)["interrupted"]
