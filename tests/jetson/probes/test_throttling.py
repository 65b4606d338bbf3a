"""What slows a machine down."""

from __future__ import annotations

from support.fake_machine import PI_5, plant, plant_tool

from pcsr_edge.jetson.board import read_board
from pcsr_edge.jetson.probes.throttling import throttling
from pcsr_edge.jetson.tree import Tree

DEVICE = "sys/class/thermal/cooling_device{}/{}"


def device(number, name, state):
    return {DEVICE.format(number, "type"): name, DEVICE.format(number, "cur_state"): str(state)}


def ask(root):
    return throttling(Tree(root), read_board(Tree(root)))


def test_cooling_by_slowing_down(tmp_path):
    files = {**device(0, "thermal-cpufreq-0", 2), **device(1, "thermal-cpufreq-1", 0)}
    assert ask(plant(tmp_path, files)) == (("thermal-cpufreq-0",), ())


def test_a_fan_slows_nothing_down(tmp_path):
    assert ask(plant(tmp_path, device(0, "pwm-fan", 3))) is None


def test_counts_are_of_the_past(tmp_path):
    files = {
        "sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count": "0",
        "sys/devices/system/cpu/cpu1/thermal_throttle/core_throttle_count": "7",
        "sys/class/hwmon/hwmon4/oc1_event_cnt": "1",
    }
    assert ask(plant(tmp_path, files)) == ((), ("temperature", "over-current"))


def test_a_pi_asks_its_firmware(tmp_path):
    root = plant_tool(plant(tmp_path, PI_5), "vcgencmd", "echo throttled=0x40004")
    assert ask(root) == (("throttled",), ("throttled",))


def test_a_pi_without_firmware_asks_the_kernel(tmp_path):
    files = {**PI_5, **device(0, "cpufreq-cpu0", 0)}
    assert ask(plant(tmp_path, files)) == ((), ())


def test_nothing_known(tmp_path):
    assert ask(tmp_path) is None
