"""Checks of codecs, on what probes print."""

from __future__ import annotations

import pytest

from pcsr_edge.cli.health import media
from pcsr_edge.cli.health.finding import OK, WARNING
from pcsr_edge.cli.health.probe import Probe, run_python


def missing(name):
    return Probe(1, "", f"ModuleNotFoundError: No module named '{name}'")


def opencv(probe, package=None, of_pip=False, jetson=False):
    return media.check_opencv(probe, package=package, of_pip=of_pip, jetson=jetson)


def test_all_formats_of_pictures():
    found = media.check_pictures(Probe(0, "jpg zlib webp libtiff", ""))
    assert (found.level, found.text) == (OK, "JPEG, PNG, WebP, TIFF")


@pytest.mark.parametrize("probe", [Probe(0, "jpg zlib libtiff", ""), missing("PIL")])
def test_a_format_that_is_missing(probe):
    assert media.check_pictures(probe).level == WARNING


def test_line_that_asks_for_formats_works():
    assert media.check_pictures(run_python(media.PICTURES_CODE)).level == OK


def test_encoders_are_listed():
    found = media.check_av(Probe(0, "18.1.0 libx264 h264_v4l2m2m", ""))
    assert (found.level, found.text) == (OK, "PyAV 18.1.0 with libx264, h264_v4l2m2m")


def test_no_h264():
    assert media.check_av(Probe(0, "12.0.0", "")).level == WARNING


def test_missing_and_broken_pyav():
    assert media.check_av(missing("av")).level == OK
    assert media.check_av(Probe(-4, "", "")).level == WARNING


def test_line_that_asks_for_encoders_works():
    pytest.importorskip("av")
    assert media.check_av(run_python(media.AV_CODE)).level == OK


@pytest.mark.parametrize("jetson", [True, False])
def test_opencv_with_gstreamer(jetson):
    probe = Probe(0, "4.5.4 with /usr/lib/python3/dist-packages/cv2.so", "")
    assert opencv(probe, jetson=jetson) == (
        "opencv",
        OK,
        "4.5.4 with GStreamer",
        None,
    )


@pytest.mark.parametrize(("jetson", "level"), [(True, WARNING), (False, OK)])
def test_opencv_of_pip_hides_that_of_jetpack(jetson, level):
    probe = Probe(0, "4.9.0 without /env/my folder/cv2/__init__.py", "")
    found = opencv(probe, jetson=jetson)
    assert (found.level, "my folder" in found.text) == (level, True)
    assert (found.mend is not None) == jetson


@pytest.mark.parametrize(("jetson", "level"), [(True, WARNING), (False, OK)])
def test_missing_opencv(jetson, level):
    found = opencv(missing("cv2"), package="libopencv-python" if jetson else None, jetson=jetson)
    assert found.level == level
    assert found.mend == (
        "sudo apt-get install -y --reinstall libopencv-python"
        if jetson
        else "pip install opencv-python"
    )


def test_broken_opencv():
    probe = Probe(1, "", "ImportError: libGL.so.1: cannot open shared object file")
    found = opencv(probe)
    assert "libGL.so.1" in found.text
    assert found.mend == "pip install --force-reinstall opencv-python"


@pytest.mark.parametrize(
    ("of_pip", "mend"),
    [
        (True, media.NO_OPENCV_OF_PIP),
        (False, "sudo apt-get install -y --reinstall python3-opencv"),
    ],
)
def test_a_board_gets_no_opencv_of_pip(of_pip, mend):
    probe = Probe(1, "", "ImportError: numpy.core.multiarray failed to import")
    assert opencv(probe, package="python3-opencv", of_pip=of_pip, jetson=True).mend == mend


def test_line_that_asks_opencv_works():
    pytest.importorskip("cv2")
    assert run_python(media.OPENCV_CODE).output.split()[1] in ("with", "without")


@pytest.mark.parametrize(
    ("elements", "text"),
    [
        ([], "nothing that decodes or encodes H.264 or H.265"),
        (["nvv4l2decoder", "x264enc"], "nvv4l2decoder, x264enc"),
    ],
)
def test_gstreamer(elements, text):
    assert media.check_gstreamer(elements) == ("gstreamer", OK, text, None)


def test_missing_tools_of_gstreamer():
    assert media.check_gstreamer(None).mend == media.GSTREAMER_TOOLS
