"""Load of GPU and memory."""

from __future__ import annotations

import pytest
from support.fake_machine import XAVIER, plant

from pcsr_edge.jetson.probes.tegra_load import GPU_LOADS, emc_load, gpu_load
from pcsr_edge.jetson.tree import Tree


@pytest.mark.parametrize("path", GPU_LOADS)
def test_gpu_in_per_mille(tmp_path, path):
    assert gpu_load(Tree(plant(tmp_path, {path: "420\n"}))) == 0.42


def test_memory_by_what_is_of_use(tmp_path):
    assert emc_load(Tree(plant(tmp_path, XAVIER))) == 0.25


def test_memory_that_is_off(tmp_path):
    files = {**XAVIER, "sys/kernel/debug/bpmp/debug/clk/emc/rate": "0\n"}
    assert emc_load(Tree(plant(tmp_path, files))) is None


def test_nothing_known(tmp_path):
    assert (gpu_load(Tree(tmp_path)), emc_load(Tree(tmp_path))) == (None, None)
