"""Where frames come from and where they go: two interfaces, with all readers and writers behind.

They are protocols, so that a program can bring a source or sink of its own.
"""

from __future__ import annotations

from typing import Iterator, Protocol

from pcsr_edge.runtime.video.frame import Frame, VideoFacts


class FrameSource(Protocol):
    """Gives the frames of one stream, in order of presentation."""

    facts: VideoFacts

    def frames(self) -> Iterator[Frame]:
        """Yield every frame, the lost ones too; once.

        Raises:
            InputError: the stream cannot be read on.
        """

    def close(self) -> None:
        """Release the stream; frames must not be asked for afterwards."""


class FrameSink(Protocol):
    """Takes the frames of the result, in order of presentation."""

    def write(self, frame: Frame) -> None:
        """Take one frame, whose planes are there.

        Raises:
            OutputError: it cannot be written.
        """

    def finish(self) -> None:
        """Complete the result: nothing is written afterwards.

        Raises:
            OutputError: it cannot be completed.
        """

    def abort(self) -> None:
        """Release everything and leave no half-written result; after `finish` too."""
