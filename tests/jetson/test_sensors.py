"""All sensors together, on machines made of files."""

from __future__ import annotations

import json
import time
from contextlib import closing
from pathlib import Path

import pytest
from support.fake_machine import PI_5, XAVIER, plant, plant_tool

from pcsr_edge.jetson.sensors import Sensors

LINE = "GR3D_FREQ 12%@[1300,1300] EMC_FREQ 3%@3199 tj@50C VDD_IN 5299mW/5299mW"
ADC = "printf ' VDD_CORE_A current(7)=1.0A\\n VDD_CORE_V volt(15)=0.75V\\n'"


def first(root: Path):
    with closing(Sensors(0.1, root)) as sensors:
        return sensors.read()


def until(ask):
    """Return the first answer that is one; a tool needs a moment to start."""
    for _ in range(3000):
        answer = ask()
        if answer:
            return answer
        time.sleep(0.01)
    raise AssertionError("no answer in half a minute")


def test_a_xavier_by_sysfs(tmp_path):
    sample = first(plant(tmp_path, XAVIER))
    assert sample.power.total_w == pytest.approx(6)
    assert (sample.gpu_load, sample.emc_load) == (0.42, 0.25)
    assert sample.clocks_mhz == {"cpu": 1190.401, "gpu": 670, "emc": 1331.2}


def test_the_sensor_of_a_board_that_is_not_known_is_read(tmp_path):
    files = {name: text for name, text in XAVIER.items() if "ina3221" in name}
    assert first(plant(tmp_path, files)).power.total_w == pytest.approx(6)


def test_tegrastats_tells_what_sysfs_hides(tmp_path):
    release = {"etc/nv_tegra_release": XAVIER["etc/nv_tegra_release"]}
    root = plant_tool(plant(tmp_path, release), "tegrastats", f"echo '{LINE}'; exec sleep 60")
    with closing(Sensors(0.1, root)) as sensors:
        sample = until(lambda: sensors._stream.latest and sensors.read())
    assert (sample.power.total_w, sample.power.source) == (5.299, "tegrastats, VDD_IN")
    assert (sample.gpu_load, sample.emc_load, sample.temperatures_c) == (0.12, 0.03, {"tj": 50})
    assert sample.clocks_mhz == {"gpu": 1300, "emc": 3199}


def test_tegrastats_is_ended(tmp_path):
    root = plant_tool(tmp_path, "tegrastats", f"echo $$ > {tmp_path}/pid; exec sleep 60")
    with closing(Sensors(0.1, root)) as sensors:
        until((tmp_path / "pid").is_file)
    assert sensors._stream._process.returncode is not None


def test_a_pi_5_estimates_its_power(tmp_path):
    sample = first(plant_tool(plant(tmp_path, PI_5), "vcgencmd", ADC))
    assert (sample.power.total_w, sample.power.estimate) == (0.75, True)


def test_a_pi_without_a_power_chip_is_asked_for_it_once(tmp_path):
    script = f'echo "$1" >> {tmp_path}/asked; exit 1'
    root = plant_tool(plant(tmp_path, PI_5), "vcgencmd", script)
    with closing(Sensors(0.1, root)) as sensors:
        assert [sensors.read().power for _ in range(3)] == [None] * 3
    assert (tmp_path / "asked").read_text().split().count("pmic_read_adc") == 1


def test_a_power_chip_that_once_fails_is_asked_again(tmp_path):
    with closing(Sensors(0.1, plant_tool(plant(tmp_path, PI_5), "vcgencmd", ADC))) as sensors:
        assert sensors.read().power is not None
        plant_tool(tmp_path, "vcgencmd", "exit 1")
        assert sensors.read().power is None
        plant_tool(tmp_path, "vcgencmd", ADC)
        assert sensors.read().power is not None


def test_a_pi_without_sysfs_asks_its_firmware(tmp_path):
    script = 'case "$1" in measure_temp) echo "temp=48.3\'C";; measure_clock) '
    script += 'echo "frequency(0)=600000000";; *) exit 1; esac'
    model = {"proc/device-tree/model": PI_5["proc/device-tree/model"]}
    sample = first(plant_tool(plant(tmp_path, model), "vcgencmd", script))
    assert sample.temperatures_c == {"cpu-thermal": 48.3}
    assert sample.clocks_mhz == {"cpu": 600}


def test_shares_begin_with_the_second_reading(tmp_path):
    root = plant(tmp_path, {"proc/stat": "cpu  10 0 0 90 0\n"})
    with closing(Sensors(0.1, root)) as sensors:
        assert sensors.read().cpu_load is None
        plant(tmp_path, {"proc/stat": "cpu  20 0 0 120 0\n"})
        sample = sensors.read()
    assert sample.cpu_load == 0.25
    assert 0 <= sample.own_load <= 1


def test_power_of_rapl_begins_with_the_second_reading(tmp_path):
    zone = "sys/class/powercap/intel-rapl:0"
    root = plant(tmp_path, {f"{zone}/name": "psys", f"{zone}/max_energy_range_uj": "9000000"})
    with closing(Sensors(0.1, plant(root, {f"{zone}/energy_uj": "0"}))) as sensors:
        assert sensors.read().power is None
        plant(root, {f"{zone}/energy_uj": "1000000"})
        assert sensors.read().power.total_w > 0


def test_an_empty_machine_gives_a_sample(tmp_path):
    sample = first(tmp_path)
    assert (sample.power, sample.throttled, sample.clocks_mhz) == (None, None, {})


def test_samples_are_json(tmp_path):
    text = json.dumps(first(plant(tmp_path, XAVIER)).as_dict())
    assert json.loads(text)["power"]["rails_w"]["SYS5V"] == 1.5


def test_a_count_that_rises_is_of_now(tmp_path):
    count = "sys/class/hwmon/hwmon4/oc1_event_cnt"
    with closing(Sensors(0.1, plant(tmp_path, {**XAVIER, count: "3"}))) as sensors:
        assert sensors.read().throttled == ()
        plant(tmp_path, {count: "4"})
        sample = sensors.read()
        assert (sample.throttled, sample.throttled_before) == (("over-current",), ("over-current",))
        assert sensors.read().throttled == ()
