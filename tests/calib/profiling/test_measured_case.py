"""One case in numbers."""

from __future__ import annotations

import pytest
from support.fake_profile import frame, measured

from pcsr_edge.calib.profiling import Case, Frame, MeasuredCase, Recording, TimedFrame


def case_of(*frames: Frame) -> MeasuredCase:
    """Return a case with these frames."""
    timed = [TimedFrame(float(i), one) for i, one in enumerate(frames)]
    return MeasuredCase(Case("net", "pcsr", "k=0"), Recording([], True, timed), 1.0)


def test_stages_stand_in_the_order_of_the_way() -> None:
    names = ["encode", "scatter", "upsampler_1", "upsampler_0", "decode", "new", "backbone"]
    found = case_of(Frame(1.0, dict.fromkeys(names, 1.0)))
    order = ["decode", "backbone", "upsampler_0", "upsampler_1", "scatter", "encode", "new"]
    assert list(found.stages) == order


def test_a_stage_that_a_frame_lacks_took_no_time_there() -> None:
    found = case_of(frame(1.0, gather=4.0), frame(1.0, backbone=1.0))
    assert found.stages["gather"].mean == 2.0


def test_files_lengthen_the_whole_and_not_the_upscaling() -> None:
    found = case_of(Frame(10.0, {"decode": 2.0, "network": 9.0, "encode": 5.0}))
    assert found.latency.p50 == 10.0
    assert found.end_to_end is not None
    assert found.end_to_end.p50 == 17.0
    assert found.busy_threads == pytest.approx(0.9)


def test_without_files_there_is_no_whole() -> None:
    assert case_of(frame(10.0)).end_to_end is None


def test_busy_threads_are_stages_by_wall_time() -> None:
    assert case_of(frame(10.0, backbone=12.0, gather=8.0)).busy_threads == 2.0


def test_peak_counts_warming_up() -> None:
    recording = Recording([Frame(1.0, peak_bytes=9)], True, [TimedFrame(0.0, Frame(1.0))])
    assert MeasuredCase(Case("n", "plain", ""), recording, 1.0).peak_bytes == 9
    assert case_of(Frame(1.0)).peak_bytes is None


def test_entry() -> None:
    entry = measured([10.0, 30.0], output_size=(1000, 2000)).as_dict(start_s=99.0)
    assert entry["frames"] == [[1.0, 10.0], [2.0, 30.0]]
    assert entry["frames_per_second"] == 50.0
    assert entry["output_megapixels_per_second"] == 100.0
    assert (entry["first_frame_ms"], entry["load_ms"]) == (50.0, 12.5)
    assert entry["class_fractions"] == [0.25, 0.75]
    assert entry["size"] == [480, 270]
    assert entry["warm_up"] == {"frames": 1, "steady": True}
