"""The check of the file that $PCSR_EDGE_CONFIG names."""

from __future__ import annotations

import json

import pytest

from pcsr_edge.cli.health import checkup
from pcsr_edge.cli.health.configuration import check_configuration
from pcsr_edge.cli.health.finding import OK, PROBLEM


@pytest.fixture
def config(tmp_path):
    """Return a function that writes a file of sections."""

    def write(**sections):
        path = tmp_path / "config.json"
        path.write_text(json.dumps({"schema_version": 1, **sections}))
        return path

    return write


def test_a_file_that_commands_can_read(config):
    found = check_configuration(config(all={"threads": 2}, upscale={"k": 1}, train={"no": 1}))
    assert (found.level, found.text) == (OK, f"{config()} ($PCSR_EDGE_CONFIG)")


@pytest.mark.parametrize(
    ("sections", "message"),
    [
        ({"upscal": {}}, "a section 'upscal', which is no command"),
        ({"upscale": {"thread": 2}}, "there is no option 'thread'"),
        ({"all": {"threads": "two"}}, "'two' is not a whole number"),
    ],
)
def test_what_stops_commands_is_a_problem(config, sections, message):
    found = check_configuration(config(**sections))
    assert (found.level, found.mend) == (PROBLEM, "unset PCSR_EDGE_CONFIG")
    assert message in found.text


def test_a_file_that_is_not_there(tmp_path):
    found = check_configuration(tmp_path / "none.json")
    assert (found.level, "cannot be read" in found.text) == (PROBLEM, True)


def test_doctor_goes_on_without_the_file(monkeypatch, cli, tmp_path):
    monkeypatch.setenv("PCSR_EDGE_CONFIG", str(tmp_path / "none.json"))
    monkeypatch.setattr(checkup, "_all", lambda _supply: checkup._machine())
    ran = cli("doctor")
    assert (ran.code, "$PCSR_EDGE_CONFIG: the config" in ran.out) == (1, True)


def test_completion_is_written_without_the_file(monkeypatch, cli, tmp_path):
    monkeypatch.setenv("PCSR_EDGE_CONFIG", str(tmp_path / "none.json"))
    assert cli("completion", "bash").code == 0


def test_other_commands_are_stopped_by_it(monkeypatch, cli, tmp_path):
    monkeypatch.setenv("PCSR_EDGE_CONFIG", str(tmp_path / "none.json"))
    assert cli("models").code == 2
