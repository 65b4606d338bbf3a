"""Models that are unknown, damaged or malicious: one sentence, and nothing of them runs."""

from __future__ import annotations

import json
import os
import pickle
import shutil

import pytest
from support.sentences import assert_one_sentence


def test_unknown_model_suggests_the_nearest(cli, save, tmp_path, monkeypatch):
    from pcsr_edge.runtime import bundle

    (tmp_path / "shipped" / "pcsr-fsrcnn-x4").mkdir(parents=True)
    (tmp_path / "shipped" / "pcsr-fsrcnn-x4" / "bundle.json").touch()
    monkeypatch.setattr(bundle, "SHIPPED_FOLDER", tmp_path / "shipped")
    ran = cli("upscale", save("in.png"), tmp_path / "out.png", "-n", "pcsr-fsrcn-x4")
    assert ran.code == 2
    assert "did you mean pcsr-fsrcnn-x4?" in ran.err


def wrong_hash(folder):
    with (folder / "backbone.fp32.onnx").open("ab") as file:
        file.write(b"\0")


def missing_graph(folder):
    (folder / "upsampler_0.fp32.onnx").unlink()


def newer_schema(folder):
    manifest = json.loads((folder / "bundle.json").read_text())
    manifest["schema_version"] += 1
    (folder / "bundle.json").write_text(json.dumps(manifest))


def no_manifest(folder):
    (folder / "bundle.json").unlink()


def broken_json(folder):
    (folder / "bundle.json").write_text("{")


def no_folder(folder):
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    "damage", [wrong_hash, missing_graph, newer_schema, no_manifest, broken_json, no_folder]
)
def test_damaged_bundle(damage, cli, tiny_bundle, save, tmp_path):
    bundle = tmp_path / "bundle"
    shutil.copytree(tiny_bundle, bundle)
    damage(bundle)
    ran = cli("upscale", save("in.png"), tmp_path / "out.png", "-m", bundle)
    assert ran.code == 1
    assert_one_sentence(ran.err)
    assert not (tmp_path / "out.png").exists()


class Malice:
    """Writes a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def test_malicious_pickle_is_refused_and_not_run(cli, tmp_path):
    torch = pytest.importorskip("torch")
    pytest.importorskip("onnx")
    proof = tmp_path / "ran"
    torch.save({"model": Malice(proof)}, tmp_path / "evil.pth", pickle_module=pickle)
    ran = cli("export", tmp_path / "evil.pth", "-o", tmp_path / "bundle")
    assert ran.code == 1
    assert_one_sentence(ran.err)
    assert not proof.exists()
    assert not (tmp_path / "bundle").exists()
