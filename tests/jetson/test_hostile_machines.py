"""Machines whose files and tools say anything at all."""

from __future__ import annotations

import json
import math
import shlex
from contextlib import closing

from hypothesis import given, settings
from hypothesis import strategies as st
from support.fake_machine import PI_5, XAVIER, plant, plant_tool

from pcsr_edge.jetson import cautions, conditions
from pcsr_edge.jetson.sensors import Sensors

KEPT = ("etc/nv_tegra_release", "proc/device-tree/model")
"""What tells the kind of machine, so that its own probes run."""
ANYTHING = st.one_of(
    st.text(st.characters(blacklist_categories=["Cs"])),
    st.integers().map(str),
    st.floats().map(str),
    st.text(alphabet="0123456789%@[],/-\n\0 mWC", max_size=50),
)


def filled(root, files, text):
    """Write the same text into every file of a machine."""
    return plant(root, {name: files[name] if name in KEPT else text for name in files})


def numbers(value):
    """Yield every number of a JSON document."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from numbers(item)
    elif isinstance(value, (int, float)):
        yield value


@given(ANYTHING)
def test_any_file_of_a_jetson_gives_finite_numbers(tmp_path, text):
    root = filled(tmp_path, XAVIER, text)
    before = conditions(root)
    with closing(Sensors(1, root)) as sensors:
        samples = [sensors.read(), sensors.read()]
    documents = [before.as_dict(), *(sample.as_dict() for sample in samples)]
    assert all(map(math.isfinite, numbers(json.loads(json.dumps(documents)))))
    assert cautions(before, samples, []) is not None


@given(ANYTHING)
@settings(max_examples=20)
def test_any_answer_of_a_tool_gives_finite_numbers(tmp_path, text):
    root = plant(tmp_path, {name: PI_5[name] for name in KEPT if name in PI_5})
    answer = shlex.quote(text.replace("\0", ""))
    plant_tool(root, "vcgencmd", f"printf %s {answer}")
    with closing(Sensors(1, root)) as sensors:
        document = sensors.read().as_dict()
    assert all(map(math.isfinite, numbers(json.loads(json.dumps(document)))))
