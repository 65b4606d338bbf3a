"""Bundles are written whole or not at all."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any, Dict, List

import pytest

from pcsr_edge.errors import OutputError
from pcsr_edge.export.bundle_writer import check_target, check_writable, write_bundle
from pcsr_edge.runtime.bundle import load_bundle
from pcsr_edge.runtime.manifest import ClassCost, GraphFile, Manifest

FILES = {"backbone.onnx": b"backbone", "upsampler_0.onnx": b"upsampler"}


def manifest_of(files: Dict[str, bytes], name: str = "tiny") -> Manifest:
    graphs = {
        file[: -len(".onnx")]: GraphFile(file, hashlib.sha256(content).hexdigest())
        for file, content in files.items()
    }
    return Manifest(
        name=name,
        method="pcsr",
        scale=4,
        channels="rgb",
        classes=(ClassCost(1),),
        backbone_flops_per_cell=1,
        classifier_flops_per_query=0,
        mean=(0.0, 0.0, 0.0),
        std=1.0,
        receptive_field=1,
        activation_floats_per_cell=1,
        precisions={"fp32": graphs},
    )


def write(folder: Path, name: str = "tiny", overwrite: bool = False) -> Any:
    return write_bundle(folder, FILES, manifest_of(FILES, name), overwrite)


def tree(folder: Path) -> List[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_bundle_is_read_back(target: Path) -> None:
    bundle = write(target)
    assert bundle.name == "tiny"
    assert bundle.graph("backbone") == b"backbone"
    assert tree(target.parent) == [
        "bundle",
        *(f"bundle/{name}" for name in ("backbone.onnx", "bundle.json", "upsampler_0.onnx")),
    ]


def test_a_probe_leaves_nothing(tmp_path: Path) -> None:
    check_writable(tmp_path / "a" / "b")
    assert tree(tmp_path) == []


def test_a_probe_finds_that_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"):
        check_writable(tmp_path / "file" / "b")


def test_parents_are_made(tmp_path: Path) -> None:
    assert write(tmp_path / "a" / "b").name == "tiny"


def test_a_relative_folder_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(Path("here"))
    assert load_bundle(tmp_path / "here").name == "tiny"


def test_an_empty_folder_is_filled(target: Path) -> None:
    target.mkdir()
    assert write(target).name == "tiny"


def test_a_bundle_is_kept(target: Path) -> None:
    write(target, "old")
    with pytest.raises(OutputError, match="add --overwrite"):
        write(target, "new")
    assert load_bundle(target).name == "old"


def test_a_bundle_is_replaced_when_asked(target: Path) -> None:
    write(target, "old")
    (target / "stale.onnx").write_bytes(b"")
    write(target, "new", overwrite=True)
    assert load_bundle(target).name == "new"
    assert not (target / "stale.onnx").exists()
    assert tree(target.parent)[0] == "bundle"


@pytest.mark.parametrize("overwrite", [False, True])
def test_other_folders_are_left_alone(overwrite: bool, target: Path) -> None:
    target.mkdir()
    (target / "letter.txt").write_text("dear")
    with pytest.raises(OutputError, match="is not a bundle"):
        write(target, overwrite=overwrite)
    assert tree(target.parent) == ["bundle", "bundle/letter.txt"]


def test_a_file_is_left_alone(target: Path) -> None:
    target.write_text("dear")
    with pytest.raises(OutputError, match="is not a folder"):
        write(target, overwrite=True)


def test_a_link_is_left_alone(target: Path) -> None:
    target.symlink_to(target.parent / "nowhere")
    with pytest.raises(OutputError, match="is not a folder"):
        check_target(target, overwrite=True)


def test_a_path_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"):
        write(tmp_path / "file" / "bundle")


def test_a_wrong_hash_leaves_nothing(tmp_path: Path) -> None:
    manifest = manifest_of({**FILES, "backbone.onnx": b"other"})
    with pytest.raises(OutputError, match="did not survive"):
        write_bundle(tmp_path / "a" / "b", FILES, manifest, overwrite=False)
    assert tree(tmp_path) == []


@pytest.mark.parametrize("error", [OSError(28, "No space left"), KeyboardInterrupt()])
def test_a_failure_while_writing_leaves_nothing(
    error: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: Path, content: bytes) -> int:
        raise error

    monkeypatch.setattr(Path, "write_bytes", fail)
    with pytest.raises((OutputError, KeyboardInterrupt)):
        write(tmp_path / "a" / "b")
    assert tree(tmp_path) == []


def test_a_failure_while_replacing_keeps_the_old_bundle(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(target, "old")
    rename = Path.rename

    def fail(path: Path, to: Path) -> Path:
        if path.name == "new":
            raise OSError(5, "Input/output error")
        return rename(path, to)

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(OutputError, match="Input/output error"):
        write(target, "new", overwrite=True)
    assert load_bundle(target).name == "old"
    assert [name for name in os.listdir(target.parent) if name != "bundle"] == []
