"""Two profiles side by side."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, List

import pytest
from support.fake_profile import MACHINE, measured, profile

from pcsr_edge.calib.profiling import MeasuredCase, ReadProfile, compare, read_profile, to_json
from pcsr_edge.errors import ProfileError


def read(path: Path, *cases: MeasuredCase, **fields: Any) -> ReadProfile:
    """Return what is read of a profile of the cases."""
    path.write_text(to_json(profile(*cases, **fields).as_dict()), encoding="utf-8")
    return read_profile(path)


def times(ms: float) -> List[float]:
    """Return 20 times near `ms`."""
    return [ms * (1 + 0.002 * (i % 3)) for i in range(20)]


@pytest.mark.parametrize(
    ("ms", "verdict"), [(20.0, "slower"), (5.0, "faster"), (10.02, "no difference")]
)
def test_verdict(tmp_path: Path, ms: float, verdict: str) -> None:
    first = read(tmp_path / "a", measured(times(10.0)))
    (case,) = compare(first, read(tmp_path / "b", measured(times(ms)))).cases
    assert case.verdict == verdict
    assert case.ratio.value == pytest.approx(ms / 10, rel=1e-3)


def test_only_equal_cases_are_compared(tmp_path: Path) -> None:
    shared = measured(times(10.0), model="shared")
    first = read(tmp_path / "a", shared, measured(times(9.0), model="old"))
    second = read(tmp_path / "b", measured(times(8.0), threads=3), shared)
    found = compare(first, second)
    assert [case.name for case in found.cases] == [
        "shared k=0, 480x270, fp32, onnxruntime-cpu, threads 1"
    ]
    assert found.only_first == ("old k=0, 480x270, fp32, onnxruntime-cpu, threads 1",)
    assert found.only_second == ("net k=0, 480x270, fp32, onnxruntime-cpu, threads 3",)


def test_any_machine_pairs_the_same_work(tmp_path: Path) -> None:
    first = read(tmp_path / "a", measured(times(10.0), threads=8))
    second = read(tmp_path / "b", measured(times(30.0), threads=4))
    with pytest.raises(ProfileError, match="no case in common"):
        compare(first, second)
    (case,) = compare(first, second, any_machine=True).cases
    assert case.ratio.value == pytest.approx(3, rel=1e-2)
    assert "threads 8 → net" in case.name


def test_any_machine_does_not_guess_among_several(tmp_path: Path) -> None:
    first = read(tmp_path / "a", measured(times(10.0), threads=8))
    several = [measured(times(9.0), threads=n) for n in (2, 4)]
    second = read(tmp_path / "b", *several)
    with pytest.raises(ProfileError, match="no case in common"):
        compare(first, second, any_machine=True)


def test_nothing_in_common(tmp_path: Path) -> None:
    first = read(tmp_path / "a", measured(times(10.0)))
    second = read(tmp_path / "b", measured(times(10.0), size=(100, 100)))
    with pytest.raises(ProfileError, match=r"no case in common: net k=0, 480x270.*100x100"):
        compare(first, second)


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [("device", "Pi 5", "device Jetson-AGX"), ("power_mode", "10W", "power mode MAXN")],
)
def test_other_machines_are_refused(tmp_path: Path, field: str, value: str, text: str) -> None:
    first = read(tmp_path / "a")
    second = read(tmp_path / "b", before={**MACHINE, field: value})
    with pytest.raises(ProfileError, match=f"{text}.*{value}.*--any-machine"):
        compare(first, second)
    assert f"{value}" in compare(first, second, any_machine=True).changed[0]


def test_what_a_machine_does_not_tell_is_no_difference(tmp_path: Path) -> None:
    first = read(tmp_path / "a")
    second = read(tmp_path / "b", before={**MACHINE, "power_mode": None})
    assert compare(first, second).cases


def test_changes_are_told(tmp_path: Path) -> None:
    first = read(tmp_path / "a", measured(times(10.0), graphs="one"))
    software = {"pcsr-edge": "0.2.0", "numpy": "2"}
    second = read(tmp_path / "b", measured(times(10.0), graphs="two"), software=software)
    name = "net k=0, 480x270, fp32, onnxruntime-cpu, threads 1"
    assert compare(first, second).changed == (
        "pcsr-edge: 0.1.0 → 0.2.0",
        "python: 3.8.10 → -",
        "numpy: - → 2",
        f"weights or table of {name}",
    )


def test_stages_of_both(tmp_path: Path) -> None:
    (case,) = compare(read(tmp_path / "a"), read(tmp_path / "b")).cases
    assert case.stages_ms == {"backbone": (5.75, 5.75), "upsampler_0": (11.5, 11.5)}


def test_another_picture_is_told(tmp_path: Path) -> None:
    first = read(tmp_path / "a", measured(times(10.0)), settings={"image": "a.png", "tile": None})
    second = read(tmp_path / "b", measured(times(10.0)), settings={"image": "b.png", "tile": 64})
    assert compare(first, second).changed == ("image: a.png → b.png", "tile: - → 64")


def test_clocks_that_were_pinned_in_one_alone_are_told(tmp_path: Path) -> None:
    first, second = (read(tmp_path / name, measured(times(10.0))) for name in "ab")
    free = replace(second, settings={**second.settings, "clocks_pinned": "True"})
    assert "clocks pinned: False → True" in compare(first, free).changed
