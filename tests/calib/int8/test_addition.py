from __future__ import annotations

from pathlib import Path

import pytest

from pcsr_edge.calib.int8.addition import write_with_int8
from pcsr_edge.errors import BundleError
from pcsr_edge.runtime.bundle import load_bundle
from pcsr_edge.runtime.patch_table import load_table

TINY = load_bundle(Path(__file__).parents[2] / "data" / "tiny-cascade-x4")


def test_other_precisions_stay_as_they_are(tmp_path):
    written = write_with_int8(TINY, tmp_path / "new", {"deep": b"new"}, {})
    for precision in TINY.manifest.precisions:
        for graph in ("trunk", "deep"):
            assert written.graph(graph, precision) == TINY.graph(graph, precision)


def test_graphs_that_are_not_in_int8_are_the_float_ones(tmp_path):
    written = write_with_int8(TINY, tmp_path / "new", {"deep": b"new"}, {})
    assert written.graph("deep", "int8") == b"new"
    assert written.graph("trunk", "int8") == TINY.graph("trunk")
    assert not (tmp_path / "new" / "trunk.int8.onnx").exists()


def test_older_int8_graphs_go(tmp_path):
    first = write_with_int8(TINY, tmp_path / "new", {"deep": b"1", "trunk": b"1"}, {"a": 1})
    again = write_with_int8(first, tmp_path / "new", {"deep": b"2"}, {"a": 2})
    assert again.graph("deep", "int8") == b"2"
    assert again.manifest.provenance["int8"] == {"a": 2}
    assert not (tmp_path / "new" / "trunk.int8.onnx").exists()


def test_a_damaged_bundle_is_not_copied(tmp_path):
    written = write_with_int8(TINY, tmp_path / "new", {"deep": b"new"}, {})
    (tmp_path / "new" / "trunk.fp32.onnx").write_bytes(b"damaged")
    with pytest.raises(BundleError, match="not the one that was exported"):
        write_with_int8(written, tmp_path / "other", {"deep": b"new"}, {})
    assert not (tmp_path / "other").exists()


def test_a_supernet_keeps_its_table_and_stores_weights_once(tmp_path):
    arm = load_bundle("arm-fsrcnn-x4")
    written = write_with_int8(arm, tmp_path / "new", {"subnet_0": b"new"}, {})
    assert load_table(written) == load_table(arm)
    assert written.graph("subnet_0", "int8") == b"new"
    for precision in ("fp32", "int8"):
        assert written.graph("subnet_1", precision) == arm.graph("subnet_1")
    assert written.file("subnet_1", "fp16") == arm.file("subnet_1", "fp16")
