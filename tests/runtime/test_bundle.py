"""Bundles are found by name or path, and every graph is the one that was exported."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.fake_model import FakeModel

from pcsr_edge.errors import BundleError, UnknownModelError
from pcsr_edge.runtime.bundle import load_bundle, shipped_bundles


def test_a_graph_is_read_and_checked(tmp_path: Path) -> None:
    assert FakeModel(0).bundle(tmp_path).graph("backbone") == b"backbone"


def test_a_changed_graph_is_refused(tmp_path: Path) -> None:
    bundle = FakeModel(0).bundle(tmp_path)
    (tmp_path / "backbone.onnx").write_bytes(b"other")
    with pytest.raises(BundleError, match="SHA-256"):
        bundle.graph("backbone")


def test_a_missing_graph_is_named(tmp_path: Path) -> None:
    bundle = FakeModel(0).bundle(tmp_path)
    (tmp_path / "upsampler_1.onnx").unlink()
    with pytest.raises(BundleError, match=r"upsampler_1\.onnx"):
        bundle.graph("upsampler_1")


def test_an_absent_precision_is_named(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="int8"):
        FakeModel(0).bundle(tmp_path).graph("backbone", "int8")


@pytest.mark.parametrize("file", ["../secret", "/etc/hostname", "a/../../b"])
def test_graphs_outside_the_folder_are_refused(tmp_path: Path, file: str) -> None:
    FakeModel(0).bundle(tmp_path)
    path = tmp_path / "bundle.json"
    data = json.loads(path.read_text())
    data["precisions"]["fp32"]["backbone"]["file"] = file
    path.write_text(json.dumps(data))
    with pytest.raises(BundleError, match="outside"):
        load_bundle(tmp_path).graph("backbone")


def test_a_folder_without_manifest_is_no_bundle(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"bundle\.json"):
        load_bundle(tmp_path)


def test_a_file_is_no_bundle(tmp_path: Path) -> None:
    path = tmp_path / "bundle.json"
    path.write_text("{}")
    with pytest.raises(BundleError, match="folder"):
        load_bundle(path)


def test_an_unknown_name_gets_a_suggestion() -> None:
    with pytest.raises(UnknownModelError, match="did you mean pcsr-fsrcnn-x4"):
        load_bundle("pcsr-fsrcn-x4")


def test_shipped_bundles_hold_what_they_say() -> None:
    for name, folder in shipped_bundles().items():
        bundle = load_bundle(folder)
        assert bundle.name == name
        for precision, graphs in bundle.manifest.precisions.items():
            for graph in graphs:
                assert bundle.graph(graph, precision)
