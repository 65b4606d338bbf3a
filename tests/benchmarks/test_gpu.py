"""The benchmark of GPUs: its logic, on fakes; what it measures there means nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, Iterator, List

import numpy as np
import pytest
from support.fake_gpu import FakeGPU
from support.tree import ROOT

from pcsr_edge.errors import EngineError
from pcsr_edge.runtime.bundle import load_bundle
from pcsr_edge.runtime.engines.graph import read_graph

SMALL = ["--sizes", "16x12", "--scales", "4", "--devices", "trt", "--rounds", "3", "--torch", "cpu"]


@pytest.fixture(name="gpu")
def _gpu(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    pytest.importorskip("torch")
    monkeypatch.syspath_prepend(str(ROOT))
    monkeypatch.setenv("PCSR_EDGE_CACHE", str(tmp_path))
    from benchmarks import gpu, gpu_contenders

    kept = gpu_contenders.models

    def few(scale: int) -> List[Any]:
        return [b for b in kept(scale) if b.name in ("pcsr-fsrcnn-x4", "plain-s-x4")]

    monkeypatch.setattr(gpu_contenders, "models", few)
    return gpu


def run(gpu: Any, folder: Path, *options: str) -> Dict[str, Any]:
    args = [*SMALL, "-o", str(folder), "--weights", str(folder), *options]
    assert gpu.main(args) == 0
    document: Dict[str, Any] = json.loads((folder / "gpu.json").read_text(encoding="utf-8"))
    return document


def test_everyone_takes_part_and_is_held_against_the_processor(
    gpu: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    FakeGPU(monkeypatch)
    document = run(gpu, tmp_path)["runs"][0]
    rows = {row["name"]: row for f in document["families"] for row in f["contenders"]}
    assert set(rows) == {
        "pcsr-fsrcnn-x4 k=0 on tensorrt fp16",
        "pcsr-fsrcnn-x4 k=0 on tensorrt fp32",
        "pcsr-fsrcnn-x4 k=0 naive PyTorch on cpu",
        "plain-s-x4 k=0 on tensorrt fp16",
        "plain-s-x4 k=0 on tensorrt fp32",
        # Without weights.
        "fsrcnn-x4 on tensorrt fp16",
        "fsrcnn-x4 on tensorrt fp32",
    }
    own = rows["pcsr-fsrcnn-x4 k=0 on tensorrt fp16"]
    missing = "the baseline takes no part: fsrcnn-x4.pth is not in the folder of --weights"
    assert rows["fsrcnn-x4 on tensorrt fp16"]["error"] == missing
    naive = rows["pcsr-fsrcnn-x4 k=0 naive PyTorch on cpu"]
    plain = rows["plain-s-x4 k=0 on tensorrt fp32"]
    assert len(own["wall_ms"]) == 3
    assert own["cpu_worst_step"] <= 4
    assert abs(own["psnr_rgb"] - own["cpu_psnr_rgb"]) < 0.05
    assert abs(naive["psnr_rgb"] - own["psnr_rgb"]) < 0.1
    assert plain["fractions"] == [1.0]
    # The fields of `make bench`.
    assert {"schema_version", "lr_size", "scale", "rounds", "machine", "software"} < set(document)
    assert document["machine"]["gpu"] == "Xavier"
    assert [check["target"][:45] for check in document["targets"]] == [
        f"16x12 ×4: pcsr-fsrcnn-x4 k=0 on tensorrt {precision}" for precision in ("fp32", "fp16")
    ]


def test_the_tables_name_the_gpu_and_everyone(
    gpu: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    FakeGPU(monkeypatch, name="Orin")
    run(gpu, tmp_path)
    text = (tmp_path / "gpu.md").read_text(encoding="utf-8")
    assert "### Orin; LR 16x12, ×4, 3 rounds" in text
    assert "| plain-s-x4 k=0 on tensorrt fp16 |" in text


def test_who_fails_is_a_row_and_stops_nobody(
    gpu: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    FakeGPU(monkeypatch)
    from benchmarks import gpu_contenders

    def full() -> None:
        raise RuntimeError("CUDA out of memory. Tried to allocate 7 GiB\nmore")

    entrant = gpu_contenders.Entrant("naive PyTorch on x", lambda: full)
    monkeypatch.setattr(gpu_contenders, "naive", lambda *_: entrant)
    document = run(gpu, tmp_path)["runs"][0]
    assert document["families"][0]["contenders"][0] == {
        "name": "naive PyTorch on x",
        "error": "CUDA out of memory. Tried to allocate 7 GiB",
    }
    assert document["targets"] == []


@pytest.mark.parametrize(
    "error",
    [AssertionError("Torch not compiled with CUDA enabled"), EngineError("no such thing\nmore")],
    ids=lambda error: type(error).__name__,
)
def test_who_cannot_be_made_is_a_row(gpu: Any, error: Exception) -> None:
    from benchmarks.gpu_contenders import Entrant

    def fail() -> Any:
        raise error

    able, failed = gpu._tried([Entrant("a", fail), Entrant("b", lambda: lambda: 1)])
    assert [contender.name for contender in able] == ["b"]
    assert failed == [{"name": "a", "error": str(error).splitlines()[0]}]


def test_pytorch_is_asked_for_its_device_when_it_is_made(gpu: Any) -> None:
    from benchmarks import gpu_contenders
    from benchmarks.family import CHECKPOINTS

    bundle = load_bundle("pcsr-fsrcnn-x4")
    checkpoint = CHECKPOINTS / "pcsr-fsrcnn-x4.pth"
    entrant = gpu_contenders.naive(bundle, checkpoint, np.zeros((4, 4, 3), np.uint8), "nowhere")
    able, failed = gpu._tried([entrant])
    assert (able, [row["name"] for row in failed]) == ([], [entrant.name])


def test_what_was_measured_is_kept_where_a_later_size_fails(
    gpu: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    head = {"machine": {"gpu": "Orin"}, "rounds": 3, "families": [], "targets": []}

    def measure(args: Any) -> Iterator[Dict[str, Any]]:
        yield {**head, "lr_size": "16x12", "scale": 4}
        raise EngineError("the memory is full")

    monkeypatch.setattr(gpu, "measure", measure)
    assert gpu.main(["-o", str(tmp_path)]) == EngineError.exit_code
    document = json.loads((tmp_path / "gpu.json").read_text(encoding="utf-8"))
    assert [each["lr_size"] for each in document["runs"]] == ["16x12"]
    assert "LR 16x12" in (tmp_path / "gpu.md").read_text(encoding="utf-8")


def test_without_a_gpu_it_says_so_and_exits_3(
    gpu: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    FakeGPU(monkeypatch, count=0)
    assert gpu.main(SMALL) == 3
    assert "there is no GPU 0" in capsys.readouterr().err


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_baseline_in_half_is_the_same_network(gpu: Any) -> None:
    import torch
    from benchmarks.baselines import exported

    from pcsr_edge.runtime.backends import OnnxRuntimeBackend

    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Conv2d(3, 48, 3, padding=1), torch.nn.PixelShuffle(4))
    image = {"image": np.random.default_rng(1).random((1, 3, 9, 7), dtype=np.float32)}
    found = {}
    for precision in ("fp32", "fp16"):
        graph = exported(model, precision)
        assert read_graph(graph).precision == precision
        with OnnxRuntimeBackend().load(graph, 1) as engine:
            found[precision] = engine.run(image)["sr"]
    assert found["fp16"].dtype == np.float32
    assert 0 < np.abs(found["fp16"] - found["fp32"]).max() < 1e-2


def test_a_baseline_runs_in_the_same_engine(
    gpu: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    FakeGPU(monkeypatch)
    import onnx.parser
    from benchmarks import baselines, gpu_contenders

    # A graph of Resize alone stands for a baseline's, whose weights are not ours.
    text = """
        <ir_version: 8, opset_import: ["": 17]>
        network (float[1, 3, h, w] image) => (float[1, 3, H, W] sr) <float[4] scales = {1, 1, 4, 4}>
        { sr = Resize <mode = "nearest", coordinate_transformation_mode = "asymmetric",
          nearest_mode = "floor"> (image, , scales) }
    """
    graph = onnx.parser.parse_model(text).SerializeToString()
    monkeypatch.setattr(baselines, "load_baseline", lambda path: None)
    monkeypatch.setattr(baselines, "exported", lambda model, precision: graph)
    (tmp_path / "fsrcnn-x4.pth").write_bytes(b"")
    lr = np.random.default_rng(0).integers(0, 256, (9, 7, 3)).astype(np.uint8)
    backends = gpu.open_backends("trt")
    weights = tmp_path / "fsrcnn-x4.pth"
    (found, half), failed = gpu._tried(gpu_contenders.baseline(weights, lr, 4, backends))
    assert failed == []
    assert found.name == "fsrcnn-x4 on tensorrt fp32"
    assert half.name == "fsrcnn-x4 on tensorrt fp16"
    np.testing.assert_array_equal(found.run(), lr.repeat(4, axis=0).repeat(4, axis=1))


def test_a_picture_is_mirrored_until_it_is_large_enough(gpu: Any) -> None:
    photo = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)
    found = gpu.picture(photo, (3, 7))
    assert found.shape == (3, 7, 3)
    np.testing.assert_array_equal(found[:2, 3:6], photo[:, ::-1])
    np.testing.assert_array_equal(found[2, :3], photo[1])


def test_a_baseline_of_another_engine_or_precision_is_no_peer(gpu: Any) -> None:
    rows = [
        {"name": "a k=0 on tensorrt fp16", "wall_ms": [2.0], "psnr_rgb": 30.0, "cpu_worst_step": 1},
        {"name": "b on tensorrt fp16", "wall_ms": [3.0], "psnr_rgb": 30.5},
        {"name": "b on tensorrt fp32", "wall_ms": [4.0], "psnr_rgb": 30.5},
        {"name": "b on onnxruntime-cuda fp16", "wall_ms": [1.0], "psnr_rgb": 30.5},
        {"name": "a k=0 naive PyTorch on cuda", "wall_ms": [8.0], "psnr_rgb": 30.0},
    ]
    found = gpu.checks([{"name": "a", "contenders": rows}], "9x9 ×4")
    assert [(check.wall, check.holds) for check in found] == [("4.00", False), ("1.50", True)]
    assert "(-0.50 dB)" in found[1].target
