"""Checks of GPU providers, TensorRT and CuPy, on what probes have printed elsewhere."""

from __future__ import annotations

import sys

import pytest

from pcsr_edge.cli.health import accelerators as checks
from pcsr_edge.cli.health.finding import OK, WARNING
from pcsr_edge.cli.health.probe import Probe, run_python
from pcsr_edge.installation import install_command

FINE = Probe(0, "", "")
NO_CUBLAS = Probe(
    1,
    "",
    "[E:onnxruntime:Default, provider_bridge_ort.cc:1744 TryGetProviderInfo_CUDA] Failed to load "
    "library libonnxruntime_providers_cuda.so with error: libcublasLt.so.12: cannot open shared "
    "object file: No such file or directory\nAssertionError: ONNX Runtime took the CPU",
)
OLD_LIBSTDCXX = Probe(
    1,
    "",
    "ImportError: /lib/aarch64-linux-gnu/libstdc++.so.6: version `GLIBCXX_3.4.29' not found "
    "(required by onnxruntime_pybind11_state.so)",
)
CUDA, TENSORRT = "CUDAExecutionProvider", "TensorrtExecutionProvider"


def missing(name):
    return Probe(1, "", f"ModuleNotFoundError: No module named '{name}'")


def test_a_build_for_the_cpu_has_nothing_to_load():
    assert checks.check_loading({}, jetson=False) is None


def test_providers_that_load():
    found = checks.check_loading({CUDA: FINE, TENSORRT: FINE}, jetson=False)
    assert (found.level, found.text) == (OK, f"{CUDA}, {TENSORRT} can be loaded")


def test_a_library_that_is_missing_is_named():
    found = checks.check_loading({CUDA: NO_CUBLAS}, jetson=False)
    assert found.text == (
        f"{CUDA} cannot be loaded: libcublasLt.so.12: cannot open shared object file"
    )
    assert found.mend == checks.CUDA_LIBRARIES


def test_cuda_that_loads_needs_no_other_libraries():
    found = checks.check_loading({TENSORRT: NO_CUBLAS, CUDA: FINE}, jetson=False)
    assert found.mend == checks.TENSORRT_LIBRARIES


def test_on_a_jetson_wheels_bring_no_libraries():
    assert checks.check_loading({CUDA: NO_CUBLAS}, jetson=True).mend == checks.CPU_BUILD


def test_a_system_that_is_too_old_for_the_wheel():
    found = checks.check_loading({CUDA: OLD_LIBSTDCXX}, jetson=True)
    assert "GLIBCXX_3.4.29" in found.text
    assert found.mend == checks.LIBSTDCXX


def test_a_provider_that_crashes_is_a_message():
    assert "SIGSEGV" in checks.check_loading({CUDA: Probe(-11, "", "")}, jetson=False).text


def test_line_that_loads_a_provider_works():
    code = checks.PROVIDER_CODE.format(model=checks.SMALL_MODEL, provider="CPUExecutionProvider")
    assert run_python(code).passed


def test_tensorrt_that_works():
    found = checks.check_tensorrt(Probe(0, "8.5.2.2", ""), of_system=True, jetson=True)
    assert found == ("tensorrt", OK, "8.5.2.2", None)


@pytest.mark.parametrize(
    ("of_system", "jetson", "level", "mend"),
    [
        (True, True, WARNING, checks.see_system_packages(sys.prefix)),
        (False, True, WARNING, "sudo apt-get install -y python3-libnvinfer"),
        (False, False, OK, None),
    ],
    ids=["hidden", "not installed", "elsewhere"],
)
def test_missing_tensorrt(of_system, jetson, level, mend):
    found = checks.check_tensorrt(missing("tensorrt"), of_system=of_system, jetson=jetson)
    assert (found.level, found.mend) == (level, mend)


def test_broken_tensorrt():
    found = checks.check_tensorrt(
        Probe(1, "", "ImportError: libnvinfer.so.8"), of_system=True, jetson=True
    )
    assert (found.level, "libnvinfer.so.8" in found.text) == (WARNING, True)


def test_opening_an_environment_to_the_system(tmp_path):
    import subprocess

    config = tmp_path / "pyvenv.cfg"
    config.write_text("home = /usr/bin\ninclude-system-site-packages = false\nversion = 3.8.10\n")
    # Nobody needs to have activated the environment.
    environment = {"PATH": "/usr/bin:/bin"}
    command = checks.see_system_packages(str(tmp_path))
    subprocess.run(command, shell=True, check=True, env=environment)
    assert config.read_text().splitlines()[1] == "include-system-site-packages = true"


def test_cupy():
    fine, broken = Probe(0, "12.3.0 on Xavier", ""), Probe(1, "", "cudaErrorNoDevice: no device")
    assert checks.check_cupy(fine, package=None, jetson=True).text == "12.3.0 on Xavier"
    assert checks.check_cupy(missing("cupy"), package=None, jetson=False).level == OK
    found = checks.check_cupy(broken, package=None, jetson=False)
    assert (found.level, found.mend) == (WARNING, install_command("gpu"))


@pytest.mark.parametrize("errors", ["No module named 'cupy'", "libcublas.so.11: no such file"])
def test_a_jetson_without_cupy_is_told_of_its_build(errors):
    found = checks.check_cupy(Probe(1, "", errors), package="cupy-cuda11x", jetson=True)
    assert (found.level, found.mend) == (WARNING, "pip install cupy-cuda11x")
