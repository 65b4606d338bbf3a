"""Power by INA3221, in trees of the drivers of JetPack 4 and of later ones."""

from __future__ import annotations

import pytest
from support.fake_machine import XAVIER, plant

from pcsr_edge.jetson.probes.ina3221 import ina3221_power, rails_w
from pcsr_edge.jetson.tree import Tree

KERNEL = "sys/class/hwmon/hwmon{}/{}"


def rails(*names_mv_ma):
    """Return the files of one sensor: name, mV and mA of each channel."""
    files = {KERNEL.format(3, "name"): "ina3221\n"}
    for channel, (name, mv, ma) in enumerate(names_mv_ma, start=1):
        files[KERNEL.format(3, f"in{channel}_label")] = name
        files[KERNEL.format(3, f"in{channel}_input")] = str(mv)
        files[KERNEL.format(3, f"curr{channel}_input")] = str(ma)
    return files


def test_six_rails_of_agx_xavier_are_added(tmp_path):
    power = ina3221_power(Tree(plant(tmp_path, XAVIER)))
    assert power.total_w == pytest.approx(2 * (0.5 + 1.0 + 1.5))
    assert (power.source, power.estimate) == ("INA3221, six rails", False)


def test_five_of_six_rails_are_no_total(tmp_path):
    root = plant(tmp_path, XAVIER)
    (root / "sys/bus/i2c/drivers/ina3221/1-0041/hwmon/hwmon1/curr3_input").unlink()
    assert ina3221_power(Tree(root)) is None


def test_input_rail_is_the_total_and_nothing_is_added(tmp_path):
    files = rails(("VDD_IN", 5000, 1000), ("VDD_CPU_GPU_CV", 5000, 400), ("VDD_SOC", 5000, 200))
    assert ina3221_power(Tree(plant(tmp_path, files))).total_w == pytest.approx(5)


def test_jetpack_4_writes_milliwatts(tmp_path):
    folder = "sys/bus/i2c/drivers/ina3221x/6-0040/iio:device0"
    files = {f"{folder}/rail_name_0": "POM_5V_IN\n", f"{folder}/in_power0_input": "2034\n"}
    power = ina3221_power(Tree(plant(tmp_path, files)))
    assert (power.total_w, power.source) == (2.034, "INA3221, POM_5V_IN")


def test_rails_that_are_not_connected_are_left_out(tmp_path):
    files = rails(("NC", 5000, 1000), ("VDD_SOC", 5000, 200))
    assert rails_w(Tree(plant(tmp_path, files))) == {"VDD_SOC": 1.0}


def test_a_rail_below_zero_draws_nothing(tmp_path):
    files = rails(("VDD_GPU", 1000, -392), ("VDD_SOC", 5000, 200))
    assert rails_w(Tree(plant(tmp_path, files))) == {"VDD_GPU": 0.0, "VDD_SOC": 1.0}


def test_input_of_thor_is_the_total(tmp_path):
    files = rails(("VDD_GPU", 1000, 100), ("VDD_CPU_SOC_MSS", 1000, 100), ("VIN_SYS_5V0", 1, 1))
    files.update({KERNEL.format(4, "name"): "ina238", KERNEL.format(4, "power1_input"): "31000000"})
    assert ina3221_power(Tree(plant(tmp_path, files))).total_w == 31


def test_sum_of_thor_without_its_input_is_an_estimate(tmp_path):
    files = rails(("VDD_GPU", 1000, 100), ("VDD_CPU_SOC_MSS", 1000, 100), ("VIN_SYS_5V0", 1, 1))
    assert ina3221_power(Tree(plant(tmp_path, files))).estimate


@pytest.mark.parametrize("text", ["", "nan", "1e9", "5000 mV", "9" * 400])
def test_what_is_no_number_is_no_power(tmp_path, text):
    assert ina3221_power(Tree(plant(tmp_path, rails(("VDD_IN", text, 1000))))) is None


def test_other_sensors_are_passed_over(tmp_path):
    files = {**rails(("VDD_IN", 5000, 1000)), KERNEL.format(3, "name"): "tmp451\n"}
    assert ina3221_power(Tree(plant(tmp_path, files))) is None
