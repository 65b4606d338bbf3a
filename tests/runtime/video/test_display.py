"""A window for the result, where OpenCV is missing."""

from __future__ import annotations

import platform
import sys
from typing import Any

import pytest

from pcsr_edge.errors import BackendUnavailableError
from pcsr_edge.runtime.video import display


def test_on_a_board_no_opencv_of_pip_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    facts: Any = None
    monkeypatch.setattr(display, "matrix_of", lambda facts: None)
    monkeypatch.setitem(sys.modules, "cv2", None)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    with pytest.raises(BackendUnavailableError, match="says: pcsr-edge doctor") as caught:
        display.DisplaySink(facts)
    assert "opencv-python" not in str(caught.value)
