"""Around the graphs: arguments, file names, hashes, provenance."""

from __future__ import annotations

import hashlib
from typing import Any, Dict

import pytest
from support.onnx_text import parse

from pcsr_edge import __version__
from pcsr_edge.errors import CheckpointError, DialectError, UsageError
from pcsr_edge.export.packing import (
    check_arguments,
    checked_bytes,
    file_contents,
    graph_files,
    provenance_of,
)

FILES: Dict[str, Dict[str, bytes]] = {"fp32": {"a": b"1", "b": b"2"}, "fp16": {"a": b"3"}}


def test_files_are_named_after_graph_and_precision() -> None:
    contents = file_contents(FILES)
    assert contents == {"a.fp32.onnx": b"1", "b.fp32.onnx": b"2", "a.fp16.onnx": b"3"}


def test_the_manifest_names_each_file_with_its_hash() -> None:
    found = graph_files(FILES)["fp16"]["a"]
    assert (found.file, found.sha256) == ("a.fp16.onnx", hashlib.sha256(b"3").hexdigest())


@pytest.mark.parametrize("name", ["a", "pcsr-fsrcnn-x4", "_1.2"])
def test_good_arguments_pass(name: str) -> None:
    check_arguments(name, "any", ["fp16", "fp32"])


@pytest.mark.parametrize("name", ["", ".hidden", "a/b", "a b", "-o", "a\n"])
def test_names_that_are_no_file_names_are_refused(name: str) -> None:
    with pytest.raises(UsageError, match="--name"):
        check_arguments(name, 4, ["fp32"])


def test_graphs_outside_the_dialect_are_refused() -> None:
    body = "(float[n] x) => (int64[1, m] y) { y = NonZero(x) }"
    with pytest.raises(DialectError):
        checked_bytes({"a": parse(body)})


def test_provenance_is_kept_and_signed() -> None:
    expected = {"recipe": "a", "exporter": f"pcsr-edge {__version__}", "licence": "free"}
    assert provenance_of({"recipe": "a"}, "free") == expected


def test_a_licence_that_is_known_stays() -> None:
    assert provenance_of({"licence": "free"}, None)["licence"] == "free"


@pytest.mark.parametrize("value", [object(), {1, 2}, b"a"], ids=["object", "set", "bytes"])
def test_provenance_that_is_no_plain_data_is_refused(value: Any) -> None:
    with pytest.raises(CheckpointError, match="plain data"):
        provenance_of({"recipe": value}, None)
