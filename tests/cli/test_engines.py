"""`pcsr-edge engines`, `export --engine`, and what commands say of devices."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, List

import numpy as np
import pytest
from PIL import Image
from support.fake_gpu import FakeGPU

from pcsr_edge.cli.main import main
from pcsr_edge.errors import EngineError
from pcsr_edge.runtime.cuda_device import CudaDevice
from pcsr_edge.runtime.engines import gate, workshop

TINY = Path(__file__).parents[1] / "data" / "tiny-pcsr-x4"


@pytest.fixture(autouse=True)
def _own_engines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PCSR_EDGE_CACHE", str(tmp_path / "cache"))


def picture(folder: Path) -> str:
    path = folder / "in.png"
    values = np.random.default_rng(0).integers(0, 256, (9, 11, 3)).astype(np.uint8)
    Image.fromarray(values).save(path)
    return str(path)


def built(monkeypatch: pytest.MonkeyPatch, *options: str, version: str = "8.5.2.2") -> int:
    FakeGPU(monkeypatch, version)
    return main(["export", str(TINY), "--engine", "-q", *options])


def document(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_export_builds_an_engine_of_every_graph_that_a_gpu_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert built(monkeypatch, "--json", "--size", "20x12") == 0
    engines = document(capsys)["engines"]
    # Backbone, classifier and two upsamplers: the dense graphs are for the processor.
    assert engines["built"] == 4
    assert engines["size"] == {"width": 20, "height": 12}
    assert (engines["precision"], engines["tensorrt"]) == ("fp16", "8.5.2.2")


def test_export_holds_engines_against_the_processor(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert built(monkeypatch, "--json", "--size", "40x30") == 0
    accuracy = document(capsys)["engines"]["accuracy"]
    assert accuracy["allowed_db"] == 0.05
    assert abs(accuracy["psnr_change_db"]) < 0.05
    assert accuracy["worst_pixel"] < 64


def test_engines_that_differ_exit_4(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(gate, "ALLOWED_DB", {"fp16": -1.0})
    assert built(monkeypatch, "--size", "40x30") == 4
    assert "from float32 on the CPU" in capsys.readouterr().err


def test_export_needs_neither_torch_nor_onnx_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("torch", "onnx"):
        monkeypatch.setitem(sys.modules, name, None)
    assert built(monkeypatch) == 0


def test_what_was_built_ahead_is_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    built(monkeypatch, "--size", "11x9")
    gpu = FakeGPU(monkeypatch)
    out = str(tmp_path / "out.png")
    assert main(["upscale", picture(tmp_path), out, "-m", str(TINY), "-d", "trt", "--json"]) == 0
    assert gpu.tensorrt.configs == []
    told = document(capsys)
    assert (told["backend"], told["model"]["precision"]) == ("tensorrt", "fp16")


def test_what_was_built_ahead_for_frames_that_are_cut_is_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = str(TINY.with_name("tiny-plain-x4"))
    FakeGPU(monkeypatch, free=2**27)
    assert main(["export", plain, "--engine", "-q", "--size", "200x300"]) == 0
    gpu, path = FakeGPU(monkeypatch, free=2**27), tmp_path / "in.png"
    Image.fromarray(np.zeros((300, 200, 3), np.uint8)).save(path)
    out = str(tmp_path / "out.png")
    assert main(["upscale", str(path), out, "-m", plain, "-d", "trt", "--json"]) == 0
    assert document(capsys)["files"][0]["tiles"] > 1
    assert gpu.tensorrt.configs == []


def test_verify_holds_tensorrt_against_the_processor(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    FakeGPU(monkeypatch)
    model = str(TINY.with_name("tiny-plain-x4"))
    assert main(["verify", model, "--backend", "trt", "--precision", "fp16"]) == 0
    told = capsys.readouterr()
    assert "tensorrt fp16 against onnxruntime-cpu fp32" in told.out
    assert ", Xavier (7.2), " in told.out
    assert "building the TensorRT engine of network of tiny-plain-x4" in told.err


def test_verify_builds_what_a_gpu_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    FakeGPU(monkeypatch)
    args = ["verify", str(TINY), "--backend", "trt", "--precision", "fp32", "--json"]
    assert main(args) == 0
    [found] = document(capsys)["comparisons"]
    graphs = {"backbone", "classifier", "upsampler_0", "upsampler_1"}
    assert {stage["graph"] for stage in found["stages"]} == graphs


def test_verify_tells_of_every_graph_where_one_cannot_be_built(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    FakeGPU(monkeypatch)
    build, tried = workshop.build_plan, []

    def fail(trt: Any, graph: Any, *args: Any, **named: Any) -> Any:
        tried.append(graph.name)
        if graph.name == "classifier":
            raise EngineError("TensorRT has no way to run it")
        return build(trt, graph, *args, **named)

    monkeypatch.setattr(workshop, "build_plan", fail)
    assert main(["verify", str(TINY), "--backend", "trt", "--precision", "fp32"]) == 4
    lines = capsys.readouterr().out.splitlines()
    rows = {line.split()[0]: line.split()[1] for line in lines if line and line[0] != " "}
    assert (rows["classifier"], rows["upsampler_1"], rows["photograph"]) == (
        "failed",
        "residual",
        "failed",
    )
    assert "  graph classifier does not run: TensorRT has no way to run it" in lines
    assert "  picture photograph: not run, since the graph classifier failed" in lines
    assert tried.count("classifier") == 1


def test_bicubic_needs_no_precision_of_a_gpu(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    FakeGPU(monkeypatch)
    args = ["upscale", picture(tmp_path), str(tmp_path / "o.png"), "-n", "bicubic", "-s", "2"]
    assert main([*args, "-d", "trt"]) == 0


def test_upscale_tells_that_it_builds(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    FakeGPU(monkeypatch)
    main(["upscale", picture(tmp_path), str(tmp_path / "o.png"), "-m", str(TINY), "-d", "trt"])
    told = capsys.readouterr().err
    assert "building the TensorRT engine of backbone of tiny-pcsr-x4 (fp16," in told
    assert "cached after this" in told


@pytest.mark.parametrize("model", [["-m", str(TINY)], ["-n", "auto"]], ids=["named", "auto"])
@pytest.mark.parametrize("device", ["auto", "trt"])
def test_a_device_is_opened_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, model: List[str], device: str
) -> None:
    FakeGPU(monkeypatch)
    opened: List[int] = []
    begin = CudaDevice._open

    def count(self: CudaDevice) -> None:
        opened.append(self.index)
        begin(self)

    monkeypatch.setattr(CudaDevice, "_open", count)
    args = ["upscale", picture(tmp_path), str(tmp_path / "o.png"), *model, "-d", device]
    assert main(args) == 0
    assert opened == [0]


def test_upscale_refuses_engines_that_differ(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    FakeGPU(monkeypatch)
    out = tmp_path / "o.png"
    args = ["upscale", picture(tmp_path), str(out), "-m", str(TINY), "-d", "trt"]
    with monkeypatch.context() as patch:
        patch.setattr(gate, "ALLOWED_DB", {"fp16": -1.0})
        assert main(args) == 4
    assert "are refused: PSNR " in capsys.readouterr().err
    # By the verdict that was kept.
    assert main(args) == 4
    assert not out.exists()
    assert main(["engines", "list"]) == 0
    assert capsys.readouterr().out.count("refused") == 4
    main(["engines", "clear", "-q"])
    assert main(args) == 0
    capsys.readouterr()
    assert main(["engines", "list", "--json"]) == 0
    engines = document(capsys)["engines"]
    assert all(abs(engine["accuracy"]["psnr_change_db"]) < 0.05 for engine in engines)


def test_auto_says_what_it_took_and_why(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    FakeGPU(monkeypatch, count=0)
    args = ["upscale", picture(tmp_path), str(tmp_path / "o.png"), "-m", str(TINY), "--json"]
    assert main([*args, "-v"]) == 0
    told = capsys.readouterr()
    assert "device auto: onnxruntime-cpu: no GPU can be used; trt: there is no GPU 0" in told.err
    assert json.loads(told.out)["backend_choice"].startswith("no GPU can be used; trt: ")


@pytest.mark.parametrize("device", ["trt", "cuda:0"])
def test_a_device_that_is_not_there_exits_3(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    device: str,
) -> None:
    FakeGPU(monkeypatch, version=None)
    args = ["upscale", picture(tmp_path), str(tmp_path / "o.png"), "-d", device]
    assert main(args) == 3
    error = capsys.readouterr().err
    assert f"device '{device}' is not there: " in error
    assert " pip install " in error
    assert not (tmp_path / "o.png").exists()


def test_a_device_that_is_not_there_exits_3_from_export(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    FakeGPU(monkeypatch, version=None)
    assert main(["export", str(TINY), "--engine"]) == 3
    assert "TensorRT cannot be imported" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("args", "text"),
    [
        ([str(TINY)], "is a bundle, expected a checkpoint"),
        ([str(TINY), "--engine", "-o", "x"], "leave -o out"),
        (["some.pth"], "name it with -o"),
        ([str(TINY), "--engine", "--size", "12"], "--size 12 makes no sense"),
        (["some.pth", "-o", "x", "--size", "12x9"], "with --engine"),
    ],
)
def test_options_that_make_no_sense(
    args: List[str], text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", *args]) == 2
    assert text in capsys.readouterr().err


def test_engines_are_listed_and_cleared(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    built(monkeypatch)
    assert main(["engines", "list"]) == 0
    told = capsys.readouterr().out
    assert "upsampler_1 of tiny-pcsr-x4" in told
    assert told.count("ready") == 4
    assert "4 engines, " in told
    assert main(["engines", "clear"]) == 0
    assert "4 engines, " in capsys.readouterr().out
    assert main(["engines", "list"]) == 0
    assert capsys.readouterr().out.startswith("0 engines, 0 B in ")


def test_engines_of_another_version_are_stale(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    built(monkeypatch)
    FakeGPU(monkeypatch, "8.6.1")
    assert main(["engines", "list", "--json"]) == 0
    engines = document(capsys)["engines"]
    assert {engine["state"] for engine in engines} == {"stale"}
    assert {engine["tensorrt"] for engine in engines} == {"8.5.2.2"}
    assert {engine["graph"] for engine in engines} >= {"backbone", "classifier"}


def test_without_tensorrt_the_state_is_unknown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    built(monkeypatch)
    FakeGPU(monkeypatch, version=None)
    assert main(["engines", "list", "--json"]) == 0
    assert {engine["state"] for engine in document(capsys)["engines"]} == {"unknown"}


def test_a_damaged_engine_is_listed_as_such(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    FakeGPU(monkeypatch)
    (tmp_path / "cache" / "engines").mkdir(parents=True)
    (tmp_path / "cache" / "engines" / "x.engine").write_bytes(b"nothing")
    assert main(["engines", "list"]) == 0
    told = capsys.readouterr().out
    assert "x.engine" in told
    assert "damaged" in told
