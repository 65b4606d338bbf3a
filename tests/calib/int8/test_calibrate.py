from __future__ import annotations

import shutil

import numpy as np
import onnx
import pytest
from support.host_backend import HostBackend

from pcsr_edge.calib.comparison import Side, compare
from pcsr_edge.calib.int8 import calibrate
from pcsr_edge.calib.int8.calibrate import calibrate_int8, check_calibration
from pcsr_edge.calib.pictures import judging_pairs
from pcsr_edge.errors import AccuracyError, BundleError, OutputError, UsageError
from pcsr_edge.export.dialect import violations
from pcsr_edge.runtime.backends import OnnxRuntimeBackend
from pcsr_edge.runtime.bundle import SHIPPED_FOLDER, load_bundle
from pcsr_edge.runtime.upscaler import Upscaler

PAIRS = judging_pairs(None, 4)[:2]
BUNDLE = load_bundle("plain-s-x4")


@pytest.fixture(name="report", scope="module")
def _report(tmp_path_factory):
    return calibrate_int8(BUNDLE, tmp_path_factory.mktemp("int8") / "plain", PAIRS)


def test_the_result_runs_in_int8(report):
    with Upscaler.load(report.bundle.folder, precision="int8") as up:
        found = up(PAIRS[0].lr)
    with Upscaler.load(BUNDLE.folder) as up:
        expected = up(PAIRS[0].lr)
    difference = np.abs(found.astype(int) - expected)
    assert 0 < difference.max() < 30


def test_the_graphs_keep_to_the_dialect(report):
    model = onnx.load_model_from_string(report.bundle.graph("network", "int8"))
    assert violations(model) == []
    kinds = {node.op_type for node in model.graph.node}
    assert {"QuantizeLinear", "DequantizeLinear"} <= kinds


def test_the_report_agrees_with_verify(report):
    cpu = OnnxRuntimeBackend()
    found = compare(report.bundle, Side(cpu, "int8"), Side(cpu), PAIRS)
    assert found.failures == ()
    assert found.psnr_change == pytest.approx(abs(report.changes["onnxruntime-cpu"]), abs=1e-9)


def test_the_manifest_tells_how_it_came_about(report):
    notes = report.bundle.manifest.provenance["int8"]
    assert notes["ranges"] == "percentile"
    assert notes["pictures"] == [pair.name for pair in PAIRS]


def test_the_same_pictures_give_the_same_bytes(report, tmp_path):
    again = calibrate_int8(BUNDLE, tmp_path / "again", PAIRS).bundle
    assert again.graph("network", "int8") == report.bundle.graph("network", "int8")


def test_a_bundle_can_be_extended_in_place(tmp_path):
    shutil.copytree(BUNDLE.folder, tmp_path / "mine")
    bundle = load_bundle(tmp_path / "mine")
    calibrate_int8(bundle, bundle.folder, PAIRS[:1], overwrite=True)
    notes = load_bundle(tmp_path / "mine").manifest.provenance["int8"]
    assert notes["pictures"] == [PAIRS[0].name]


def test_a_device_is_judged_as_well(tmp_path):
    device = HostBackend()
    report = calibrate_int8(BUNDLE, tmp_path / "new", PAIRS[:1], device=device)
    assert set(report.changes) == {"onnxruntime-cpu", "host"}
    assert report.changes["host"] == pytest.approx(report.found.change, abs=0.005)


def test_a_device_that_is_worse_leaves_nothing(tmp_path):
    class Worse(HostBackend):
        def load(self, graph, threads):
            engine = super().load(graph, threads)
            run = engine.enqueue
            engine.enqueue = lambda given: {n: a + np.float32(0.1) for n, a in run(given).items()}
            return engine

    with pytest.raises(AccuracyError, match=r"dB on host, allowed is 0\.15 dB; nothing"):
        calibrate_int8(BUNDLE, tmp_path / "new", PAIRS[:1], device=Worse())
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_written_is_told_before_any_work(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(calibrate, "Judge", None)
    with pytest.raises(OutputError, match="cannot be written"):
        calibrate_int8(BUNDLE, tmp_path / "file" / "new", PAIRS[:1])


def test_a_gate_that_fails_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(calibrate, "GATE_DB", 0.0)
    with pytest.raises(AccuracyError, match="no layer can be in int8"):
        calibrate_int8(BUNDLE, tmp_path / "new", PAIRS[:1])
    assert list(tmp_path.iterdir()) == []


def test_a_calibrated_bundle_can_be_calibrated_into_another_folder(report, tmp_path):
    check_calibration(report.bundle, tmp_path / "new", overwrite=False)


def test_a_calibrated_bundle_is_left_alone(report):
    with pytest.raises(BundleError, match="has int8 graphs already; add --overwrite"):
        calibrate_int8(report.bundle, report.bundle.folder, PAIRS)


def test_models_that_come_along_are_left_alone():
    with pytest.raises(UsageError, match="name a folder for the calibrated bundle with -o"):
        calibrate_int8(BUNDLE, SHIPPED_FOLDER / "plain-s-x4", PAIRS)


def test_another_bundle_is_not_replaced(report):
    with pytest.raises(OutputError, match="exists; add --overwrite"):
        calibrate_int8(BUNDLE, report.bundle.folder, PAIRS)


def test_a_method_without_graphs_is_refused(tmp_path):
    with pytest.raises(UsageError, match="has no graphs"):
        calibrate_int8(load_bundle("bicubic"), tmp_path / "new", PAIRS)


def test_a_network_of_few_channels_is_refused(tmp_path):
    with pytest.raises(UsageError, match="no graph of model esr-max-x4 is worth int8"):
        calibrate_int8(load_bundle("esr-max-x4"), tmp_path / "new", PAIRS)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("name", ["pcsr-fsrcnn-x4", "pcsr-fast-x4"])
def test_models_with_classes_can_be_calibrated(name, tmp_path):
    report = calibrate_int8(load_bundle(name), tmp_path / "new", PAIRS[:1])
    with Upscaler.load(report.bundle.folder, precision="int8") as up:
        assert up(PAIRS[0].lr[:10, :12]).shape == (40, 48, 3)


def test_the_better_ranges_are_taken(tmp_path):
    report = calibrate_int8(BUNDLE, tmp_path / "new", PAIRS[:1], finders=("entropy", "percentile"))
    assert report.finder == "percentile"
