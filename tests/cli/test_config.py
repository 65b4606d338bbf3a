"""The file of `--config`."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcsr_edge.cli.config import read_config
from pcsr_edge.errors import UsageError


@pytest.fixture
def file(tmp_path):
    """Return a function that writes a file."""

    def write(content):
        path = tmp_path / "config.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    return write


def test_sections(file):
    content = {"schema_version": 1, "about": {"any": "thing"}, "upscale": {"k": 1}}
    assert read_config(file(content)) == {"upscale": {"k": 1}}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is no JSON"),
        ("[" * 100_000, "(is no JSON|nested too deeply)"),
        ([], "of another kind"),
        ({}, "of another kind"),
        ({"schema_version": 2}, "of another kind"),
        ({"schema_version": 1, "upscale": 3}, '"upscale" in the config .* is no object'),
    ],
    ids=["cut off", "deep", "list", "no version", "newer", "number"],
)
def test_what_is_no_config(content, message, file):
    with pytest.raises(UsageError, match=message):
        read_config(file(content))


def test_missing_file_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"none\.json cannot be read"):
        read_config(tmp_path / "none.json")


@given(st.binary(max_size=40))
def test_any_bytes_are_read_or_refused(tmp_path, data):
    path = tmp_path / "config.json"
    path.write_bytes(data)
    with pytest.raises(UsageError):
        read_config(path)
