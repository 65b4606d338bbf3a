from __future__ import annotations

import math

import numpy as np
import pytest

from pcsr_edge.calib.frames import compare_frames, no_frame
from pcsr_edge.export.pictures import Pair
from pcsr_edge.runtime.result import Result

SIZE = (8, 9)
PAIR = Pair("name", np.full((*SIZE, 3), 100, np.uint8), np.full((2, 2, 3), 100, np.uint8))


def frame(value, classes=None):
    image = np.full((*SIZE, 3), value, np.uint8)
    class_map = np.zeros(SIZE, np.uint8) if classes is None else classes
    return Result(image, class_map, (1.0,), {}, 0, 1)


def compared(judged, reference):
    return compare_frames(PAIR, judged, reference, 1, "rgb")


def test_psnr_is_measured_against_the_truth():
    found = compared(frame(103), frame(101))
    assert found.reference_psnr_db == pytest.approx(10 * math.log10(255**2))
    assert found.psnr_change == pytest.approx(-10 * math.log10(9))


def test_two_perfect_frames_do_not_differ():
    assert compared(frame(100), frame(100)).psnr_change == 0


def test_the_worst_pixel_is_found_in_both_directions():
    judged = frame(100)
    judged.image[3, 3, 1] = 93
    assert compared(judged, frame(100)).worst_pixel == 7
    assert compared(frame(100), judged).worst_pixel == 7


def test_pixels_next_to_another_class_are_excused():
    classes = np.zeros(SIZE, np.uint8)
    classes[0, 0] = 1
    judged = frame(100, classes)
    judged.image[1, 1] = 140
    judged.image[7, 7] = 102
    found = compared(judged, frame(100))
    assert (found.worst_pixel, found.worst_of_same_class) == (40, 2)
    assert found.class_agreement == pytest.approx(71 / 72)


def test_a_black_frame_is_a_problem():
    assert compared(frame(0), frame(100)).problem == "the frame is black all over"


def test_a_picture_that_is_black_is_none():
    assert compared(frame(0), frame(0)).problem is None


def test_a_failed_frame_has_no_psnr():
    found = no_frame(PAIR, frame(101), 1, "rgb", "it failed")
    assert math.isnan(found.psnr_change)
    assert found.problem == "it failed"
