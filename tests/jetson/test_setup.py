"""What the set-up scripts decide, on machines made of files."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import Dict, NamedTuple

import pytest
from support.fake_machine import PI_5, XAVIER, plant, plant_tool
from support.tree import ROOT

pytestmark = pytest.mark.skipif(
    sys.platform == "win32" or shutil.which("bash") is None, reason="the scripts need bash"
)
SCRIPTS = ROOT / "jetson" / "setup"
PYTHON = "usr/lib/python{}/ensurepip/__init__.py"
XAVIER_5 = {
    **XAVIER,
    "usr/bin/python3.8": "",
    PYTHON.format("3.8"): "",
    "usr/lib/python3.8/dist-packages/tensorrt/__init__.py": "",
    "usr/lib/python3.8/dist-packages/cv2.so": "",
    "proc/meminfo": "MemTotal:       32000000 kB\nSwapTotal:      16000000 kB\n",
}
PI = {
    **PI_5,
    "etc/os-release": "VERSION_CODENAME=bookworm\n",
    "usr/bin/python3.11": "",
    PYTHON.format("3.11"): "",
    "lib/ld-linux-aarch64.so.1": "",
    "proc/meminfo": "MemTotal:        8000000 kB\nSwapTotal:        200000 kB\n",
    "etc/group": f"video:x:44:pi,{os.environ.get('USER', 'root')},root\n",
}


class Ran(NamedTuple):
    """How a script ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def run(tmp_path):
    """Return a function that runs a script on a machine of files; by default it only shows."""

    def start(script: str, files: Dict[str, str], *arguments: str, dry: bool = True) -> Ran:
        root = plant(tmp_path / "root", files)
        options = ["--root", str(root), "--env", str(tmp_path / "env"), *arguments]
        done = subprocess.run(
            ["bash", str(SCRIPTS / script), *options, *(["--dry-run"] if dry else [])],
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    return start


def release(text: str) -> Dict[str, str]:
    return {**XAVIER_5, "etc/nv_tegra_release": text}


def test_jetpack_5_is_set_up_with_the_systems_packages(run, tmp_path):
    ran = run("jetpack5.sh", XAVIER_5)
    assert ran.code == 0
    assert "L4T 35.4.1 on Jetson-AGX" in ran.out
    assert f"python3.8 -m venv --system-site-packages {tmp_path}/env" in ran.out
    assert "jetpack-5.txt" in ran.out
    assert ran.out.rstrip().endswith("pcsr-edge doctor")


def test_a_dry_run_changes_nothing(run, tmp_path):
    run("jetpack5.sh", XAVIER_5)
    assert not (tmp_path / "env").exists()


def test_nothing_of_the_system_is_installed_twice(run):
    assert "apt-get" not in run("jetpack5.sh", XAVIER_5).out


@pytest.mark.parametrize(
    ("missing", "package"),
    [
        ("usr/lib/python3.8/ensurepip/__init__.py", "python3.8-venv"),
        ("usr/lib/python3.8/dist-packages/tensorrt/__init__.py", "python3-libnvinfer"),
    ],
)
def test_what_is_missing_of_the_system_is_installed(run, missing, package):
    files = {name: text for name, text in XAVIER_5.items() if name != missing}
    ran = run("jetpack5.sh", files)
    assert f"+ sudo apt-get install -y --no-install-recommends {package} \n" in ran.out


def test_pip_leaves_the_system_alone(run):
    out = run("jetpack5.sh", XAVIER_5).out
    installs = [line for line in out.splitlines() if "pip install" in line]
    assert installs
    assert all("/env/bin/python" in line for line in installs)
    assert not any("opencv" in line or "sudo" in line for line in installs)


@pytest.mark.parametrize("pins", sorted((ROOT / "jetson" / "pins").glob("*.txt")))
def test_no_opencv_is_pinned(pins):
    assert "opencv" not in pins.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("script", "text", "message"),
    [
        ("jetpack5.sh", "", "this is no Jetson"),
        ("jetpack5.sh", "# R36 (release), REVISION: 4.3", "run jetpack6-7.sh"),
        ("jetpack5.sh", "# R32 (release), REVISION: 7.4", "oldest that works"),
        ("jetpack6-7.sh", "", "this is no Jetson"),
        ("jetpack6-7.sh", "# R35 (release), REVISION: 4.1", "run jetpack5.sh"),
        ("jetpack6-7.sh", "# R40 (release), REVISION: 1.0", "not known to this script"),
    ],
)
def test_other_releases_are_refused(run, script, text, message):
    ran = run(script, release(text))
    assert (ran.code, message in ran.err, "pip" in ran.out) == (1, True, False)


def test_a_release_in_between_is_taken(run):
    assert run("jetpack5.sh", release("# R35 (release), REVISION: 6.5, GCID: 1")).code == 0


@pytest.mark.parametrize(
    ("text", "python", "pins"),
    [
        ("# R36 (release), REVISION: 4.3", "python3.10", "jetpack-6.txt"),
        ("# R38 (release), REVISION: 4.0", "python3.12", "jetpack-7.txt"),
        ("# R39 (release), REVISION: 2.0", "python3.12", "jetpack-7.txt"),
    ],
)
def test_python_and_pins_of_jetpack_6_and_7(run, text, python, pins):
    out = run("jetpack6-7.sh", release(text)).out
    assert f"/{python} -m venv" in out
    assert pins in out


def test_power_mode_and_swap_are_advised(run):
    files = {**XAVIER_5, "proc/meminfo": "MemTotal: 4000000 kB\nSwapTotal: 0 kB\n"}
    out = run("jetpack5.sh", files).out
    assert "sudo nvpmodel -m 0" in out
    assert "mkswap" in out


@pytest.mark.parametrize(("mode", "advised"), [(0, True), (2, False)])
def test_the_mode_that_limits_least_is_advised_whatever_its_number(run, mode, advised):
    modes = ("0 NAME=15W", "1 NAME=MAXN", "2 NAME=MAXN_SUPER")
    files = {
        **release("# R36 (release), REVISION: 4.3, GCID: 1"),
        "etc/nvpmodel.conf": "".join(f"< POWER_MODEL ID={mode} >\n" for mode in modes),
        "var/lib/nvpmodel/status": f"pmode:000{mode}\n",
    }
    assert ("sudo nvpmodel -m 2" in run("jetpack6-7.sh", files).out) == advised


def test_no_advice_where_it_is_not_needed(run):
    files = {**XAVIER_5, "var/lib/nvpmodel/status": "pmode:0000\n"}
    out = run("jetpack5.sh", files).out
    assert "nvpmodel" not in out
    assert "mkswap" not in out


def test_a_build_for_the_gpu_takes_the_place_of_the_other(run, tmp_path):
    wheel = tmp_path / "onnxruntime_gpu-1.16.0.whl"
    wheel.touch()
    out = run("jetpack5.sh", XAVIER_5, "--gpu-wheel", str(wheel)).out
    assert "pip uninstall -q -y onnxruntime" in out
    assert f"--no-deps --force-reinstall {wheel}" in out
    assert "jetpack-5.txt" not in out


def test_nothing_is_taken_away_for_a_wheel_that_is_not_there(run):
    ran = run("jetpack5.sh", XAVIER_5, "--gpu-wheel", "no-such.whl")
    assert (ran.code, "no wheel no-such.whl" in ran.err, "pip" in ran.out) == (1, True, False)


def test_a_build_for_the_gpu_stays_where_none_is_named(run, tmp_path):
    place = "lib/python3.8/site-packages/onnxruntime_gpu-1.16.0.dist-info/METADATA"
    plant(tmp_path / "env", {place: ""})
    out = run("jetpack5.sh", XAVIER_5).out
    assert "uninstall" not in out
    # The pinned packages come from a copy without ONNX Runtime.
    assert " -r " in out
    assert "jetpack-5.txt" not in out


def test_a_wheel_of_the_same_version_is_installed_again(run):
    assert (
        "--no-deps --force-reinstall new.whl"
        in run("jetpack5.sh", XAVIER_5, "--source", "new.whl").out
    )


@pytest.mark.parametrize(
    ("codename", "python"), [("bookworm", "python3.11"), ("trixie", "python3.13")]
)
def test_a_pi(run, codename, python):
    files = {
        **PI,
        "etc/os-release": f'VERSION_CODENAME="{codename}"\n',
        f"usr/bin/{python}": "",
        PYTHON.format(python[6:]): "",
    }
    ran = run("raspberry-pi.sh", files)
    assert ran.code == 0
    assert f"{python} -m venv --system-site-packages" in ran.out
    assert f"raspberry-pi-{codename}.txt" in ran.out


def test_a_system_of_32_bits_is_refused(run):
    files = {name: text for name, text in PI.items() if not name.startswith("lib/")}
    ran = run("raspberry-pi.sh", files)
    assert (ran.code, "32 bits" in ran.err) == (1, True)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"proc/device-tree/model": "Jetson-AGX\0"}, "but Jetson-AGX"),
        ({"proc/device-tree/model": ""}, "a machine without a device tree"),
        ({"etc/os-release": "VERSION_CODENAME=bullseye\n"}, "found bullseye"),
    ],
)
def test_other_machines_are_refused(run, files, message):
    ran = run("raspberry-pi.sh", {**PI, **files})
    assert (ran.code, message in ran.err) == (1, True)


def test_an_older_pi_is_warned(run):
    ran = run("raspberry-pi.sh", {**PI, "proc/device-tree/model": "Raspberry Pi 3 Model B\0"})
    assert (ran.code, "expect it to be slow" in ran.out) == (0, True)


def test_group_governor_and_swap_of_a_pi_are_advised(run):
    files = {**PI, "etc/group": "video:x:44:pi\n", "proc/meminfo": "MemTotal: 900000 kB\n"}
    out = run("raspberry-pi.sh", files).out
    assert "sudo usermod -aG video" in out
    assert "scaling_governor" in out
    assert "mkswap" in out


def test_an_environment_that_is_there_is_completed(run, tmp_path):
    config = {"pyvenv.cfg": "include-system-site-packages = false\n", "bin/pip": ""}
    plant(tmp_path / "env", config)
    out = run("jetpack5.sh", XAVIER_5).out
    assert "-m venv" not in out
    assert "include-system-site-packages" in out


def test_an_environment_that_was_cut_short_is_made_again(run, tmp_path):
    plant(tmp_path / "env", {"pyvenv.cfg": "include-system-site-packages = true\n"})
    assert (
        f"python3.8 -m venv --system-site-packages {tmp_path}/env"
        in run("jetpack5.sh", XAVIER_5).out
    )


def test_the_second_run_makes_no_environment(run, tmp_path):
    # A Python that does what is asked of it here: it makes an environment, with itself inside.
    script = f'echo "$*" >> {tmp_path}/calls; [ "$2" = venv ] || exit 0; mkdir -p "$4/bin"; '
    script += 'cp "$0" "$4/bin/python"; printf "#!/bin/sh\\n" > "$4/bin/pcsr-edge"; '
    script += 'chmod +x "$4/bin/pcsr-edge"; touch "$4/bin/pip"; '
    script += 'echo "include-system-site-packages = true" > "$4/pyvenv.cfg"'
    plant_tool(tmp_path / "root", "python3.8", script)
    files = {name: text for name, text in XAVIER_5.items() if name != "usr/bin/python3.8"}
    assert run("jetpack5.sh", files, dry=False).code == 0
    second = run("jetpack5.sh", files, dry=False)
    calls = (tmp_path / "calls").read_text(encoding="utf-8")
    assert (second.code, calls.count("-m venv")) == (0, 1)
    assert calls.count("jetpack-5.txt") == 2


def test_a_checkout_is_not_made_an_environment(run, tmp_path):
    plant(tmp_path / "env", {"pyproject.toml": ""})
    ran = run("jetpack5.sh", XAVIER_5)
    assert (ran.code, "is a checkout" in ran.err, "venv" in ran.out) == (1, True, False)


def test_the_default_environment_is_no_name_of_a_checkout(tmp_path):
    root = plant(tmp_path / "root", XAVIER_5)
    done = subprocess.run(
        ["bash", str(SCRIPTS / "jetpack5.sh"), "--dry-run", "--root", str(root)],
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=True,
        env={**os.environ, "HOME": "/home/me"},
    )
    assert "venv --system-site-packages /home/me/.local/share/pcsr-edge/env" in done.stdout


def test_the_unit_starts_what_the_script_has_installed():
    unit = (ROOT / "jetson/systemd/pcsr-edge-camera.service").read_text(encoding="utf-8")
    assert "ExecStart=%h/.local/share/pcsr-edge/env/bin/pcsr-edge " in unit


@pytest.mark.parametrize("arguments", [("--no-such",), ("--env",)])
def test_wrong_options_are_refused(arguments):
    done = subprocess.run(
        ["bash", str(SCRIPTS / "jetpack5.sh"), *arguments],
        stderr=subprocess.PIPE,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, arguments[0] in done.stderr) == (1, True)


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
@pytest.mark.parametrize("script", sorted(SCRIPTS.glob("*.sh")), ids=lambda path: path.name)
def test_shellcheck_finds_nothing(script):
    done = subprocess.run(
        ["shellcheck", "-x", str(script)], stdout=subprocess.PIPE, encoding="utf-8", check=False
    )
    assert done.stdout == ""
