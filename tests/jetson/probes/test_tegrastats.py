"""Lines of tegrastats, recorded on real boards."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcsr_edge.jetson.probes.rails import module_power
from pcsr_edge.jetson.probes.tegrastats import LONGEST_LINE, Engine, TegraLine, parse_line

RECORDED = Path(__file__).parents[2] / "data" / "tegrastats.txt"


def recorded():
    """Return the recorded lines by name."""
    lines = RECORDED.read_text(encoding="utf-8").splitlines()
    named = zip(lines, lines[1:])
    return {a[2:].partition(":")[0]: b for a, b in named if a[0] == "#" and b[0] != "#"}


LINES = {name: parse_line(text) for name, text in recorded().items()}
POWERS = {
    "jetpack-4-tx1-root": 2.532,
    "jetpack-4-tx2-root": 3.056,
    "jetpack-4-nano-root": 1.750,
    "jetpack-4-nano-user": 1.154,
    "jetpack-4-xavier-root": 0 + 0.311 + 0.932 + 0 + 0.621 + 1.482,
    "jetpack-4-xavier-user": 0.463 + 0.618 + 2.936 + 0 + 0.309 + 3.306,
    "jetpack-4-xavier-nx-root": 6.140,
    "jetpack-5-xavier-root": 0.467 + 0.467 + 1.245 + 0 + 0.311 + 2.768,
    "jetpack-5-xavier-nx-root": 2.763,
    "jetpack-5-agx-orin-idle": 2.399 + 0.400 + 4.032 + 0.301,
    "jetpack-5-agx-orin-dla": 3.150 + 14.312 + 4.968 + 1.091,
    "jetpack-5-orin-nano": 4.915,
    "jetpack-5-orin-nx": 5.299,
    "jetpack-6-agx-orin": 2.412 + 1.607 + 4.707,
    "jetpack-7-thor-user": 0 + 4.165 + 4.126,
    "jetpack-7-thor-idle": 15.004,
    "jetpack-7-thor": 4.925 + 8.710 + 6.767,
    "jetpack-7-agx-orin": 5.139 + 3.268 + 5.500,
}
CLOCKS = {
    "jetpack-4-tx1-root": {"cpu": 102, "gpu": 76, "emc": 408},
    "jetpack-4-tx2-root": {"cpu": 345, "gpu": 624, "emc": 1600},
    "jetpack-4-nano-root": {"cpu": 1224, "gpu": 76, "emc": 1600},
    "jetpack-4-nano-user": {"cpu": 102},
    "jetpack-4-xavier-root": {"cpu": 1190, "gpu": 318, "emc": 665},
    "jetpack-4-xavier-user": {"cpu": 1190},
    "jetpack-4-xavier-nx-root": {"cpu": 1420, "gpu": 1109, "emc": 1600},
    "jetpack-5-xavier-root": {"cpu": 1191, "gpu": 114, "emc": 1331},
    "jetpack-5-xavier-nx-root": {"cpu": 1397, "gpu": 114, "emc": 204},
    "jetpack-5-agx-orin-idle": {"cpu": 729, "emc": 2133},
    "jetpack-5-agx-orin-dla": {"cpu": 2201, "gpu": 407, "emc": 2133},
    "jetpack-5-orin-nano": {"cpu": 729, "gpu": 305, "emc": 2133},
    "jetpack-5-orin-nx": {"cpu": 729, "gpu": 611, "emc": 2133},
    "jetpack-5-orin-nx-user": {"cpu": 1984},
    "jetpack-6-agx-orin": {"cpu": 2201, "emc": 2133},
    "jetpack-7-thor-user": {"cpu": 972, "emc": 665},
    "jetpack-7-thor-idle": {"cpu": 972},
    "jetpack-7-thor": {"cpu": 2430, "gpu": 314, "emc": 3200},
    "jetpack-7-agx-orin": {"cpu": 2201, "gpu": 1300, "emc": 3199},
}
HOTTEST = {
    "jetpack-4-tx1-root": ("Tdiode", 42.75),
    "jetpack-4-tx2-root": ("PLL", 37.5),
    "jetpack-4-nano-root": ("AO", 45),
    "jetpack-4-nano-user": ("AO", 48),
    "jetpack-4-xavier-root": ("Tdiode", 40),
    "jetpack-4-xavier-user": ("Tdiode", 32),
    "jetpack-4-xavier-nx-root": ("CPU", 33.5),
    "jetpack-5-xavier-root": ("Tdiode", 38.75),
    "jetpack-5-xavier-nx-root": ("CPU", 46.5),
    "jetpack-5-agx-orin-idle": ("CPU", 42.593),
    "jetpack-5-agx-orin-dla": ("CPU", 77.281),
    "jetpack-5-orin-nano": ("tj", 46.968),
    "jetpack-5-orin-nx": ("tj", 48.875),
    "jetpack-5-orin-nx-user": ("tj", 52.843),
    "jetpack-6-agx-orin": ("cpu", 52.562),
    "jetpack-7-thor-user": ("tj", 34.5),
    "jetpack-7-thor": ("tj", 35.906),
    "jetpack-7-agx-orin": ("cpu", 52.968),
}


@pytest.mark.parametrize("name", POWERS)
def test_power_of_the_module(name):
    assert module_power(LINES[name].rails_w, "").total_w == pytest.approx(POWERS[name])


@pytest.mark.parametrize("name", sorted(LINES.keys() - POWERS.keys()))
def test_without_all_rails_there_is_no_power(name):
    assert module_power(LINES[name].rails_w, "") is None


@pytest.mark.parametrize("name", LINES)
def test_every_rail_is_read(name):
    words = recorded()[name].split()
    pairs = {a for a, b in zip(words, words[1:]) if re.fullmatch(r"-?\d[^B]*/[^B]*", b)}
    assert set(LINES[name].rails_w) == pairs - {"NC"}


@pytest.mark.parametrize("name", LINES)
def test_every_sensor_that_is_on_is_read(name):
    words = [word for word in recorded()[name].split() if re.fullmatch(r"\S+@[^-].*C", word)]
    sensors = {word.partition("@")[0] for word in words}
    assert set(LINES[name].temperatures_c) == sensors - {"PMIC"}


@pytest.mark.parametrize("name", LINES)
def test_clocks(name):
    assert LINES[name].clocks_mhz() == CLOCKS[name]


@pytest.mark.parametrize("name", HOTTEST)
def test_hottest_sensor_is_not_the_constant_one(name):
    temperatures = LINES[name].temperatures_c
    hottest = max(temperatures, key=temperatures.get)
    assert (hottest, temperatures[hottest]) == HOTTEST[name]


@pytest.mark.parametrize("name", sorted(LINES.keys() - {"jetpack-5-xavier-root"}))
def test_memory(name):
    used, total = recorded()[name].partition("RAM ")[2].partition("MB")[0].split("/")
    assert LINES[name][:2] == (int(used) * 2**20, int(total) * 2**20)


def test_cores_that_are_off():
    cores = LINES["jetpack-4-xavier-root"].cores
    assert cores == (Engine(0.02, 1190), *[Engine(0, 1190)] * 3, *[None] * 4)


def test_cores_of_one_clock():
    # So NVIDIA's documents of JetPack 4 have it, beside the other form.
    cores = parse_line("CPU [5%,0%,off,off]@1428 EMC_FREQ 0%").cores
    assert cores == (Engine(0.05, 1428), Engine(0, 1428), None, None)


def test_a_sensor_that_is_off_is_missing():
    temperatures = LINES["jetpack-5-agx-orin-idle"].temperatures_c
    assert not {"CV0", "CV1", "CV2", "GPU"} & set(temperatures)


def test_a_rail_below_zero_draws_nothing():
    assert LINES["jetpack-7-thor-idle"].rails_w["VDD_GPU"] == 0


def test_a_rail_and_a_temperature_of_one_name():
    line = LINES["jetpack-5-xavier-root"]
    assert (line.temperatures_c["GPU"], line.rails_w["GPU"]) == (35, 0.467)


def test_loads():
    assert LINES["jetpack-7-agx-orin"].engine("GR3D_FREQ").load == 0.12
    assert LINES["jetpack-7-thor-user"].engine("GR3D_FREQ") == Engine()
    assert LINES["jetpack-6-agx-orin"].engines["NVENC"] == Engine(0.79, 166)
    assert "NVDEC" not in LINES["jetpack-6-agx-orin"].engines


def test_memory_is_no_rail():
    assert set(LINES["jetpack-7-agx-orin"].rails_w) == {"VDD_GPU_SOC", "VDD_CPU_CV", "VIN_SYS_5V0"}


@pytest.mark.parametrize("text", ["", "tegrastats: command not found", "Killed", "\0"])
def test_other_text_is_nothing(text):
    assert parse_line(text) is None


WORDS = st.sampled_from(" ".join(recorded().values()).split())
HOSTILE = st.one_of(
    st.text(),
    st.lists(st.one_of(WORDS, st.text(max_size=8)), max_size=40).map(" ".join),
    st.text(alphabet="0123456789%@[],/mWCGPU ._-", max_size=200),
)


@given(HOSTILE)
def test_any_text_gives_numbers_in_range_or_nothing(text):
    line = parse_line(text) or TegraLine()
    assert all(-50 < degrees < 200 for degrees in line.temperatures_c.values())
    assert all(watts >= 0 for watts in line.rails_w.values())
    assert all(mhz > 0 for mhz in line.clocks_mhz().values())


@pytest.mark.parametrize("piece", ["a.", "[", "GPU 1", "1%@", "A@1C/"])
def test_endless_lines_are_cut(piece):
    parse_line(piece * LONGEST_LINE)
