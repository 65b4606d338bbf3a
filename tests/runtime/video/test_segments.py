"""A sink of segments on a full disk."""

from __future__ import annotations

import errno
import os

import numpy as np
import pytest

from pcsr_edge.errors import OutputError
from pcsr_edge.runtime.video.frame import Frame
from pcsr_edge.runtime.video.segments import SegmentSink
from pcsr_edge.runtime.yuv import Yuv

PLANE = np.zeros((4, 4), np.uint8)


class FullDisk:
    """An encoder whose result nobody can write."""

    def encode(self, frame):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize(
    ("once", "kept"),
    [(False, "0 frames are kept: make room, and run the same"), (True, "nothing is kept of what")],
)
def test_what_is_kept_is_told_as_it_is(tmp_path, once, kept) -> None:
    sink = SegmentSink(tmp_path, [], 5, FullDisk, once)
    with pytest.raises(OutputError, match=f"No space left on device; {kept}"):
        sink.write(Frame(Yuv(PLANE, PLANE[::2, ::2], PLANE[::2, ::2]), 0))
    sink.abort()
    assert list(tmp_path.iterdir()) == []
