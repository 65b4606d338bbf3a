"""Trees of files that stand for machines we do not have."""

from __future__ import annotations

from pathlib import Path
from typing import Dict, Mapping

XAVIER: Dict[str, str] = {
    "proc/device-tree/model": "Jetson-AGX\0",
    "etc/nv_tegra_release": "# R35 (release), REVISION: 4.1, GCID: 33958178, BOARD: t186ref\n",
    "etc/os-release": 'NAME="Ubuntu"\nPRETTY_NAME="Ubuntu 20.04.6 LTS"\n',
    "etc/nvpmodel.conf": (
        "# < POWER_MODEL ID=9 NAME=MODE_COMMENT >\n"
        "< POWER_MODEL ID=0 NAME=MAXN >\nCPU_ONLINE CORE_0 1\n"
        "< POWER_MODEL ID=2 NAME=MODE_15W >\n< POWER_MODEL ID=3 NAME=MODE_30W_ALL >\n"
    ),
    "var/lib/nvpmodel/status": "pmode:0002\n",
    "proc/sys/kernel/osrelease": "5.10.120-tegra\n",
    "proc/loadavg": "0.52 0.40 0.30 1/300 4242\n",
    "sys/devices/gpu.0/load": "420\n",
    "sys/class/devfreq/17000000.gv11b/cur_freq": "670000000\n",
    "sys/class/devfreq/17000000.gv11b/min_freq": "114750000\n",
    "sys/class/devfreq/17000000.gv11b/max_freq": "670000000\n",
    "sys/kernel/debug/bpmp/debug/clk/emc/rate": "1331200000\n",
    "sys/kernel/debug/bpmp/debug/clk/emc/max_rate": "2133000000\n",
    "sys/kernel/actmon_avg_activity/mc_all": "332800\n",
    "sys/class/thermal/thermal_zone0/type": "CPU-therm\n",
    "sys/class/thermal/thermal_zone0/temp": "41500\n",
    "sys/class/thermal/thermal_zone1/type": "PMIC-Die\n",
    "sys/class/thermal/thermal_zone1/temp": "50000\n",
    "sys/class/thermal/thermal_zone2/type": "CV-therm\n",
    "sys/class/thermal/thermal_zone2/temp": "-256000\n",
}
for _core in range(2):
    _folder = f"sys/devices/system/cpu/cpu{_core}/cpufreq"
    XAVIER[f"{_folder}/scaling_governor"] = "schedutil\n"
    XAVIER[f"{_folder}/scaling_cur_freq"] = f"{1190400 + _core}\n"
    XAVIER[f"{_folder}/scaling_min_freq"] = "1190400\n"
    XAVIER[f"{_folder}/scaling_max_freq"] = "2265600\n"
for _bus, _labels in (("0040", ("GPU", "CPU", "SOC")), ("0041", ("CV", "VDDRQ", "SYS5V"))):
    _folder = f"sys/bus/i2c/drivers/ina3221/1-{_bus}/hwmon/hwmon{_bus[-1]}"
    XAVIER[f"{_folder}/name"] = "ina3221\n"
    XAVIER[f"{_folder}/in7_label"] = "sum of shunt voltages\n"
    for _channel, _label in enumerate(_labels, start=1):
        XAVIER[f"{_folder}/in{_channel}_label"] = f"{_label}\n"
        XAVIER[f"{_folder}/in{_channel}_input"] = "5000\n"
        XAVIER[f"{_folder}/curr{_channel}_input"] = f"{100 * _channel}\n"

PI_5: Dict[str, str] = {
    "proc/device-tree/model": "Raspberry Pi 5 Model B Rev 1.0\0",
    "etc/os-release": 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
    "sys/class/thermal/thermal_zone0/type": "cpu-thermal\n",
    "sys/class/thermal/thermal_zone0/temp": "48300\n",
    "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor": "ondemand\n",
    "sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq": "1500000\n",
    "sys/devices/system/cpu/cpu0/cpufreq/scaling_min_freq": "1500000\n",
    "sys/devices/system/cpu/cpu0/cpufreq/scaling_max_freq": "2400000\n",
}


def plant(root: Path, files: Mapping[str, str]) -> Path:
    """Write files below `root` and return it."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def plant_tool(root: Path, name: str, script: str) -> Path:
    """Write a command below `root` that runs a shell script, and return the root."""
    path = plant(root, {f"usr/bin/{name}": f"#!/bin/sh\n{script}\n"}) / "usr/bin" / name
    path.chmod(0o755)
    return root
