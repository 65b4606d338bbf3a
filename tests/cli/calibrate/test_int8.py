from __future__ import annotations

import json
import sys

import pytest
from support.fake_gpu import FakeGPU


def test_a_bundle_gets_int8_graphs(cli, tmp_path):
    pytest.importorskip("onnx")
    ran = cli("calibrate", "int8", "plain-s-x4", "-o", tmp_path / "new")
    assert ran.code == 0
    assert "network/features_layers_2" in ran.err
    assert "layers in int8, ranges by percentile" in ran.out
    assert cli("verify", tmp_path / "new", "--precision", "int8").code == 0


def test_json_tells_each_layer(cli, tmp_path):
    pytest.importorskip("onnx")
    ran = cli("calibrate", "int8", "plain-s-x4", "-o", tmp_path / "new", "--json", "-q")
    document = json.loads(ran.out)
    assert ran.err == ""
    assert set(document["psnr_change_db_alone"]) == set(document["int8_layers"])


def test_a_model_that_comes_along_needs_a_folder(cli):
    pytest.importorskip("onnx")
    ran = cli("calibrate", "int8", "plain-s-x4")
    assert ran.code == 2
    assert "with -o" in ran.err


def test_a_device_that_is_not_there_exits_3(cli, tmp_path, monkeypatch):
    pytest.importorskip("onnx")
    FakeGPU(monkeypatch, version=None)
    assert cli("calibrate", "int8", "plain-s-x4", "-o", tmp_path / "new", "-d", "trt").code == 3


def test_a_device_that_is_named_runs_the_result(cli, tmp_path, monkeypatch):
    pytest.importorskip("onnx")
    monkeypatch.setenv("PCSR_EDGE_CACHE", str(tmp_path / "cache"))
    gpu = FakeGPU(monkeypatch)
    ran = cli("calibrate", "int8", "plain-s-x4", "-o", tmp_path / "new", "-d", "trt")
    assert ran.code == 0
    assert "dB on tensorrt" in ran.out
    assert "INT8" in {flag.name for flag in gpu.tensorrt.configs[0].flags}


def test_pictures_that_are_too_small_are_refused(cli, save, tmp_path):
    pytest.importorskip("onnx")
    save("small/a.png", width=20, height=40)
    ran = cli(
        "calibrate", "int8", "plain-s-x4", "-o", tmp_path / "new", "--images", tmp_path / "small"
    )
    assert ran.code == 1
    assert "a.png is 20x40, and scale 4 needs 32 pixels" in ran.err
    assert not (tmp_path / "new").exists()


def test_a_folder_without_pictures_is_refused(cli, tmp_path):
    pytest.importorskip("onnx")
    (tmp_path / "empty").mkdir()
    ran = cli(
        "calibrate", "int8", "plain-s-x4", "-o", tmp_path / "new", "--images", tmp_path / "empty"
    )
    assert ran.code == 1
    assert "no picture" in ran.err


def test_without_onnx_the_extra_is_named(cli, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    ran = cli("calibrate", "int8", "plain-s-x4", "-o", tmp_path / "new")
    assert ran.code == 1
    assert "needs onnx, which is not installed" in ran.err
    assert "[int8]" in ran.err
