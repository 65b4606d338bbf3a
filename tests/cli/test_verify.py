from __future__ import annotations

import json

from pcsr_edge.runtime.bundle import load_bundle


def test_it_says_what_ran_and_that_it_passed(cli, tiny_plain):
    ran = cli("verify", tiny_plain)
    assert (ran.code, ran.err) == (0, "")
    assert "pcsr-edge 0.1.0, Python 3." in ran.out
    assert "tiny-plain-x4, plain, scale 4" in ran.out
    assert "onnxruntime-cpu fp16 against onnxruntime-cpu fp32" in ran.out
    assert "passed: PSNR within" in ran.out


def test_too_small_a_tolerance_fails_with_4(cli, tiny_plain):
    ran = cli("verify", tiny_plain, "--tolerance-db", "0")
    assert ran.code == 4
    assert "FAILED" in ran.out
    assert "PSNR changes by" in ran.err


def test_a_backend_that_is_not_there_ends_with_3(cli, tiny_plain):
    ran = cli("verify", tiny_plain, "--backend", "trt")
    assert (ran.code, ran.out) == (3, "")


def test_a_precision_that_is_not_there_is_named(cli, tiny_plain):
    ran = cli("verify", tiny_plain, "--precision", "int8")
    assert ran.code == 1
    assert "has no int8 graphs" in ran.err


def test_json_holds_graphs_and_comparisons(cli):
    document = json.loads(cli("verify", "esr-max-x2", "--json").out)
    graphs = load_bundle("esr-max-x2").manifest.precisions
    assert document["graphs"]["fp32"] == {"network": graphs["fp32"]["network"].sha256}
    (found,) = document["comparisons"]
    assert found["side"] == "onnxruntime-cpu fp16"
    assert document["exit_code"] == 0


def test_a_failure_is_in_the_json_too(cli, tiny_plain):
    ran = cli("verify", tiny_plain, "--tolerance-db", "0", "--json")
    document = json.loads(ran.out)
    assert ran.code == document["exit_code"] == 4
    assert document["comparisons"][0]["failures"]


def test_one_precision_can_be_chosen(cli, tiny_plain):
    ran = cli("verify", tiny_plain, "--precision", "fp32")
    assert "onnxruntime-cpu fp32 against onnxruntime-cpu fp32" in ran.out


def test_the_users_pictures_are_taken(cli, tiny_plain, save, tmp_path):
    save("mine/noise.png", width=40, height=36)
    ran = cli("verify", tiny_plain, "--images", tmp_path / "mine")
    assert "noise.png" in ran.out


def test_every_method_can_be_verified(cli, tiny_bundle, tiny_cascade):
    for model in (tiny_bundle, tiny_cascade, "bicubic"):
        assert cli("verify", model).code == 0
