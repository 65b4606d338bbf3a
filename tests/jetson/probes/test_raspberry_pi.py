"""Raspberry Pi: `vcgencmd`, and sysfs in its place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.fake_machine import plant, plant_tool

from pcsr_edge.jetson.probes import raspberry_pi as pi
from pcsr_edge.jetson.tree import Tree

ADC = """\
 VDD_CORE_A current(7)=1.11625000A
   DDR_VDD2_A current(2)=0.10000000A
     HDMI_A current(22)=0.01000000A
 VDD_CORE_V volt(15)=0.74944980V
   DDR_VDD2_V volt(10)=1.10000000V
 EXT5V_V volt(24)=5.08530000V
"""


@pytest.mark.parametrize(
    ("text", "now", "before"),
    [
        ("throttled=0x0", (), ()),
        ("throttled=0x1", ("under-voltage",), ()),
        ("throttled=0x50000", (), ("under-voltage", "throttled")),
        ("throttled=0x80008\n", ("soft temperature limit",), ("soft temperature limit",)),
        ("throttled=0x20002", ("frequency capped",), ("frequency capped",)),
        ("50005\n", ("under-voltage", "throttled"), ("under-voltage", "throttled")),
    ],
)
def test_bits_of_throttled(text, now, before):
    assert pi.parse_throttled(text) == (now, before)


@pytest.mark.parametrize("text", ["", "throttled=", "throttled=0x", "error=1", "0x1 0x2"])
def test_other_text_is_no_throttling(text):
    assert pi.parse_throttled(text) is None


def test_temperature():
    assert pi.parse_temperature("temp=48.3'C\n") == 48.3


@pytest.mark.parametrize("number", [0, 45, 48])
def test_clock_whatever_its_number(number):
    assert pi.parse_clock(f"frequency({number})=1500345728\n") == pytest.approx(1500.345728)


def test_power_chip_adds_rails_with_both_values_and_says_estimate():
    power = pi.parse_adc(ADC)
    assert power.total_w == pytest.approx(1.11625 * 0.7494498 + 0.11)
    assert set(power.rails_w) == {"VDD_CORE", "DDR_VDD2"}
    assert power.estimate


def test_a_pi_4_has_no_power():
    assert pi.parse_adc('error=1 error_msg="Command not registered"') is None


def test_firmware_file_comes_before_the_tool(tmp_path):
    root = plant_tool(tmp_path, "vcgencmd", "echo throttled=0x1")
    tree = Tree(plant(root, {pi.FIRMWARE: "4\n"}))
    assert pi.pi_throttling(tree).now == ("throttled",)


def test_tool_is_asked_by_its_words(tmp_path):
    script = '[ "$*" = "measure_clock arm" ] && echo "frequency(48)=600000000"'
    assert pi.pi_clock_mhz(Tree(plant_tool(tmp_path, "vcgencmd", script))) == 600


def test_tool_without_rights_is_none(tmp_path):
    tree = Tree(plant_tool(tmp_path, "vcgencmd", "echo VCHI initialization failed; exit 255"))
    assert (pi.pi_throttling(tree), pi.pi_power(tree), pi.pi_temperature_c(tree)) == (None,) * 3


@pytest.mark.parametrize(("alarm", "now"), [("0", ()), ("1", ("under-voltage",))])
def test_without_both_the_voltage_alarm_is_left_and_means_now(tmp_path, alarm, now):
    files = {"name": "rpi_volt", "in0_lcrit_alarm": alarm}
    root = plant(tmp_path, {f"sys/class/hwmon/hwmon1/{key}": files[key] for key in files})
    assert pi.pi_throttling(Tree(root)) == (now, ())


@given(st.one_of(st.text(), st.text(alphabet="throledmpcun(0x16.)='CAV_\n ", max_size=60)))
def test_any_text_is_read_or_refused(text):
    found = pi.parse_throttled(text)
    assert found is None or set(found.now) <= set(pi.REASONS)
    assert (pi.parse_clock(text) or 0) >= 0
    assert (pi.parse_temperature(text) or 0) < 1000
    power = pi.parse_adc(text)
    assert power is None or (power.total_w >= 0 and power.estimate)
