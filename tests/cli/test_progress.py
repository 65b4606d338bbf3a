"""The progress line: where it shows and what it counts."""

from __future__ import annotations

import io
import sys

import pytest

from pcsr_edge.cli.console import Console
from pcsr_edge.cli.progress import Progress


class Terminal(io.StringIO):
    """A stderr that says it is a terminal."""

    def isatty(self):
        return True


@pytest.fixture
def terminal(monkeypatch):
    """Return a function that makes stderr a terminal.

    Called in the test itself, since pytest sets stderr anew between fixtures and test.
    """

    def begin():
        stream = Terminal()
        monkeypatch.setattr(sys, "stderr", stream)
        return stream

    return begin


def test_nothing_where_stderr_is_no_terminal(capsys):
    with Progress(2, enabled=True) as progress:
        progress.tile_done(1, 3)
        progress.one_done()
    assert capsys.readouterr().err == ""


def test_nothing_where_it_is_switched_off(terminal):
    stream = terminal()
    with Progress(2, enabled=False) as progress:
        progress.one_done()
    assert stream.getvalue() == ""


def test_pictures_and_tiles_are_counted(terminal):
    terminal()
    with Progress(2, enabled=True) as progress:
        progress.one_done()
        progress.tile_done(1, 4)
        assert progress.text == "picture 2/2, tile 1/4"


def test_left_out_pictures_do_not_count_as_work(terminal):
    terminal()
    with Progress(3, enabled=True) as progress:
        progress.one_left_out()
        assert progress.text == "picture 1/2"


def test_line_is_cleared_at_the_end(terminal):
    stream = terminal()
    with Progress(1, enabled=True) as progress:
        progress.one_done()
    assert stream.getvalue().rsplit("\r", 2)[-2].strip() == ""


def test_line_shows_the_time_left(terminal):
    stream = terminal()
    with Progress(4, enabled=True):
        pass
    assert " left" in stream.getvalue()


def test_messages_have_no_colours_without_a_terminal(capsys):
    Console().error("it broke")
    assert capsys.readouterr().err == "pcsr-edge: error: it broke\n"


def test_messages_are_coloured_on_a_terminal(terminal, monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    stream = terminal()
    Console().error("it broke")
    assert "\x1b[1;31merror:\x1b[0m it broke" in stream.getvalue()


def test_no_color_is_honoured(terminal, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    stream = terminal()
    Console().error("it broke")
    assert "error: it broke" in stream.getvalue()


@pytest.mark.parametrize(("level", "shown"), [(-1, ""), (0, "w"), (1, "wd"), (2, "wd")])
def test_levels(level, shown, capsys):
    console = Console(level)
    console.warn("w")
    console.detail("d")
    lines = capsys.readouterr().err.splitlines()
    assert "".join(line[-1] for line in lines) == shown
