"""Checks of what reads and writes videos: PyAV, OpenCV, GStreamer."""

from __future__ import annotations

from typing import Optional, Sequence

from pcsr_edge.cli.health.combinations import OPENCV_NAMES
from pcsr_edge.cli.health.finding import OK, WARNING, Finding
from pcsr_edge.cli.health.probe import Probe
from pcsr_edge.installation import install_command

PICTURES_CODE = """
from PIL import features
print(*(name for name in ("jpg", "zlib", "webp", "libtiff") if features.check(name)))
"""
PICTURE_CODECS = {"jpg": "JPEG", "zlib": "PNG", "webp": "WebP", "libtiff": "TIFF"}
"""Pillow's name → what people call it."""
AV_CODE = """
import av
names = ("libx264", "libx265", "libvpx-vp9", "libsvtav1", "h264_v4l2m2m", "h264_nvenc")
print(av.__version__, *(name for name in names if name in av.codecs_available))
"""
OPENCV_CODE = """
import re, cv2
found = re.search(r"GStreamer:\\s+YES", cv2.getBuildInformation())
print(cv2.__version__, "with" if found else "without", cv2.__file__)
"""
ELEMENTS = (
    "nvv4l2decoder",
    "nvv4l2h264enc",
    "nvv4l2h265enc",
    "v4l2h264dec",
    "v4l2h264enc",
    "v4l2slh265dec",
    "x264enc",
)
"""Of GStreamer, those that decode or encode; hardware first."""
H264 = "libx264"
NO_OPENCV_OF_PIP = "pip uninstall -y " + " ".join(OPENCV_NAMES)
GSTREAMER_TOOLS = "sudo apt-get install -y gstreamer1.0-tools"
REINSTALL_PILLOW = "pip install --force-reinstall --only-binary pillow pillow"


def check_pictures(probe: Probe) -> Finding:
    """Report which formats Pillow was built with; the probe printed their names."""
    if not probe.passed:
        text = f"unknown: {probe.reason()}"
        return Finding("pictures", WARNING, text, REINSTALL_PILLOW)
    there = probe.output.split()
    missing = [label for name, label in PICTURE_CODECS.items() if name not in there]
    if missing:
        text = f"Pillow cannot read or write {', '.join(missing)}"
        return Finding("pictures", WARNING, text, REINSTALL_PILLOW)
    return Finding("pictures", OK, ", ".join(PICTURE_CODECS.values()))


def check_av(probe: Probe) -> Finding:
    """Report PyAV and the encoders it has; the probe printed its version and them."""
    if not probe.passed:
        if "No module named 'av'" in probe.errors:
            text = "not installed; only videos need it"
            return Finding("video", OK, text, install_command("video"))
        text = f"PyAV cannot be imported: {probe.reason()}"
        return Finding("video", WARNING, text, "pip install --upgrade --force-reinstall av")
    version, *encoders = probe.output.split()
    text = f"PyAV {version} with {', '.join(encoders) or 'no encoder that is known here'}"
    if H264 not in encoders:
        mend = "pip install --force-reinstall --only-binary av av"
        return Finding("video", WARNING, f"{text}; H.264 cannot be written", mend)
    return Finding("video", OK, text)


def check_opencv(probe: Probe, *, package: Optional[str], of_pip: bool, jetson: bool) -> Finding:
    """Report OpenCV.

    Args:
        probe: it printed the version, `with` or `without` GStreamer, and the module's file.
        package: of the board's system, with an OpenCV that speaks GStreamer and that pip's would
            hide; None on other machines.
        of_pip: whether one of pip's is there.
        jetson: whether cameras and displays are what the board is for.
    """
    of_system = None if package is None else f"sudo apt-get install -y --reinstall {package}"
    if not probe.passed:
        if "No module named 'cv2'" in probe.errors:
            text = "not installed; only cameras and displays by GStreamer need it"
            mend = of_system if jetson else of_system or "pip install opencv-python"
            return Finding("opencv", WARNING if jetson else OK, text, mend)
        text = f"cannot be imported: {probe.reason()}"
        if of_system is None:
            return Finding("opencv", WARNING, text, "pip install --force-reinstall opencv-python")
        return Finding("opencv", WARNING, text, NO_OPENCV_OF_PIP if of_pip else of_system)
    version, _, rest = probe.output.partition(" ")
    has, _, file = rest.partition(" ")
    if has == "with":
        return Finding("opencv", OK, f"{version} with GStreamer")
    text = f"{version} without GStreamer, from {file}"
    if jetson:
        text += ": it hides the one that JetPack brings, and cameras do not work"
        return Finding("opencv", WARNING, text, NO_OPENCV_OF_PIP)
    return Finding("opencv", OK, f"{text}; only cameras by GStreamer need it")


def check_gstreamer(elements: Optional[Sequence[str]]) -> Finding:
    """Report which of `ELEMENTS` are there; None where GStreamer's tools are missing."""
    if elements is None:
        text = "gst-inspect-1.0 not installed; only cameras need it"
        return Finding("gstreamer", OK, text, GSTREAMER_TOOLS)
    text = ", ".join(elements) or "nothing that decodes or encodes H.264 or H.265"
    return Finding("gstreamer", OK, text)
