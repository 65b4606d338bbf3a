"""A window that shows the result, through OpenCV."""

from __future__ import annotations

import ctypes
import os
import sys
from typing import Any

from pcsr_edge.errors import BackendUnavailableError
from pcsr_edge.installation import advice
from pcsr_edge.runtime.video.colour_tags import matrix_of
from pcsr_edge.runtime.video.frame import Frame, VideoFacts
from pcsr_edge.runtime.video.gstreamer import bgr

TITLE = "pcsr-edge"
_QUIT = (27, ord("q"))
_REASON = (
    "there is no display, or OpenCV was built without one (opencv-python-headless); name a file "
    "as output"
)


class DisplaySink:
    """A `FrameSink` that shows frames; q or Escape ends it.

    Raises:
        BackendUnavailableError: OpenCV is not there, or no display.
        UsageError: RGB cannot be made of the colours.
    """

    def __init__(self, facts: VideoFacts) -> None:
        self._facts, self._matrix = facts, matrix_of(facts)
        try:
            import cv2
        except ImportError as exc:
            raise BackendUnavailableError(
                "display:// needs OpenCV, which is not installed; "
                f"{advice('pip install opencv-python')}"
            ) from exc
        if not display_answers():
            raise BackendUnavailableError(f"no window can be opened: {_REASON}")
        self._cv2: Any = cv2

    def write(self, frame: Frame) -> None:
        """Show one frame; see `FrameSink`.

        Raises:
            BackendUnavailableError: there is no display.
            KeyboardInterrupt: q or Escape was pressed.
        """
        # The window belongs to the thread that shows pictures, so it is made here.
        try:
            self._cv2.imshow(TITLE, bgr(frame, self._facts, self._matrix))
            key = self._cv2.waitKey(1) & 0xFF
        except self._cv2.error as exc:
            raise BackendUnavailableError(f"no window can be opened: {_REASON}") from exc
        if key in _QUIT:
            raise KeyboardInterrupt

    def finish(self) -> None:
        """Leave the window to the end of the program."""

    def abort(self) -> None:
        """Likewise."""


def display_answers() -> bool:
    """Return whether there is a display, as far as that can be told.

    Asked first because Qt, through which OpenCV may show windows, ends the process without one.
    """
    if not sys.platform.startswith("linux") or os.environ.get("WAYLAND_DISPLAY"):
        return True
    if not os.environ.get("DISPLAY"):
        return False
    try:
        x11 = ctypes.CDLL("libX11.so.6")
    except OSError:
        return True
    x11.XOpenDisplay.restype = ctypes.c_void_p
    display = x11.XOpenDisplay(None)
    if display is None:
        return False
    x11.XCloseDisplay(ctypes.c_void_p(display))
    return True
