"""Decodes, upscales and encodes at the same time, each in a thread of its own."""

from __future__ import annotations

from dataclasses import dataclass
from queue import SimpleQueue
from threading import Thread
from typing import Callable, Iterable, Optional, Tuple

from pcsr_edge.runtime.interruption import interrupts_held
from pcsr_edge.runtime.video.channel import CancelledError, Channel
from pcsr_edge.runtime.video.endpoints import FrameSink
from pcsr_edge.runtime.video.frame import Frame

DEPTH = 4
"""Frames that may wait between two stages: they hide the unevenness of the stages, no more."""
LOOKAHEAD = 24
"""Frames that encoders hold back, about: at the end of a segment they come out all at once, and at
the beginning of the next they go in as fast. Where as many may wait, upscaling never does."""
ROOM = 64 * 2**20
"""Bytes that they may take; `DEPTH` frames may take more."""
ROOM_DECODED = 16 * 2**20
"""Bytes that frames may take that wait to be upscaled, likewise."""
PATIENCE = 10.0
"""Seconds that a thread may take to end: more than a stream waits for its next packet."""


@dataclass(frozen=True)
class State:
    """How far a pipeline is."""

    done: int
    """Frames written."""
    decoded: int
    """Frames that wait to be upscaled."""
    upscaled: int
    """Frames that wait to be encoded."""
    depth: int
    """Frames that may wait to be encoded."""
    backlog: int = DEPTH
    """Frames that may wait to be upscaled."""


Watcher = Callable[[State], None]


def depth_before_encoder(size: Tuple[int, int], bits: int) -> int:
    """Return how many frames of 4:2:0, (H, W) = `size`, may wait for an encoder of segments."""
    return _frames_within(ROOM, size, bits)


def depth_before_upscaler(size: Tuple[int, int], bits: int) -> int:
    """Return how many frames of 4:2:0, (h, w) = `size`, may wait where no single one is in a hurry.

    The decoder makes up to half of them in a row, and then rests. Where each frame has its own
    time, `DEPTH` is better, with which it makes one for each that is taken.
    """
    return _frames_within(ROOM_DECODED, size, bits)


def _frames_within(room: int, size: Tuple[int, int], bits: int) -> int:
    frame_bytes = size[0] * size[1] * 3 // 2 * (1 if bits == 8 else 2)
    return min(LOOKAHEAD, max(DEPTH, room // frame_bytes))


def _burst(depth: int) -> int:
    """Return how many places of a queue are given back at a time: half of those above `DEPTH`."""
    return max(0, depth - DEPTH) // 2 + 1


class Pipeline:
    """Takes frames through three stages.

    Decoding and encoding have threads of their own; frames are upscaled in the thread that calls
    `run`, so that Ctrl-C arrives there and ends all three.

    Args:
        frames: iterated in the decoding thread.
        upscale: called in the calling thread, frame by frame. Frames that it leaves to be completed
            (see `Frame.completed`) that thread completes while others wait to be encoded, else the
            encoding thread: neither waits while there is something to do.
        sink: written to in the encoding thread. It is neither finished nor aborted here.
        watch: called in the calling thread after each upscaled frame, and when all are written.
        depth: frames that may wait to be encoded.
        latest: whether the oldest waiting frame gives way to a new one when upscaling is too
            slow, as with a camera, which does not wait. How many did is in `dropped`.
        backlog: frames that may wait to be upscaled, where more than `DEPTH`.
    """

    def __init__(
        self,
        frames: Iterable[Frame],
        upscale: Callable[[Frame], Frame],
        sink: FrameSink,
        watch: Watcher = lambda state: None,
        depth: int = DEPTH,
        latest: bool = False,
        backlog: int = 0,
    ) -> None:
        self._latest, self.dropped = latest, 0
        self._frames, self._upscale, self._sink, self._watch = frames, upscale, sink, watch
        backlog = max(DEPTH, backlog)
        self._decoded: Channel[Frame] = Channel(backlog, 1 if latest else _burst(backlog))
        self._upscaled: Channel[Frame] = Channel(depth, _burst(depth))
        self._error: Optional[BaseException] = None
        self._ended: SimpleQueue[None] = SimpleQueue()
        self.done = 0
        """Frames written."""

    def run(self) -> int:
        """Run until every frame is written, and return how many that were.

        Whatever ends it, both threads have ended when it returns; but for a reader that waits for
        a pipe on which nothing comes.

        Raises:
            BaseException: whatever a stage raised, KeyboardInterrupt too.
        """
        threads = [
            Thread(target=self._decode, name="pcsr-edge-decode"),
            Thread(target=self._encode, name="pcsr-edge-encode"),
        ]
        try:
            # A thread that nobody waits for would read on from a source that is closed.
            with interrupts_held():
                for thread in threads:
                    thread.start()
            self._work()
            # Not joined here: Python takes a thread for ended whose joining Ctrl-C broke off.
            self._ended.get()
        except CancelledError:
            # The encoder gave up; its reason is raised below.
            pass
        finally:
            try:
                self._stop(threads)
            except KeyboardInterrupt:
                # It may have come before anything was stopped.
                self._stop(threads)
                raise
        if self._error is not None:
            raise self._error
        self._watch(self._state())
        return self.done

    def _stop(self, threads: Iterable[Thread]) -> None:
        """Wait until both threads have ended; may be called again."""
        with interrupts_held():
            self._decoded.cancel()
            self._upscaled.cancel()
            for thread in filter(Thread.is_alive, threads):
                thread.join(PATIENCE)

    def _work(self) -> None:
        for frame in self._decoded:
            made = self._upscale(frame)
            # What is left to do of a frame the encoder does, where else it had to wait.
            self._upscaled.put(made.completed() if len(self._upscaled) else made)
            self._watch(self._state())
        self._upscaled.end()

    def _state(self) -> State:
        decoded, upscaled = len(self._decoded), len(self._upscaled)
        depth, backlog = self._upscaled.capacity, self._decoded.capacity
        return State(self.done, decoded, upscaled, depth, backlog)

    def _decode(self) -> None:
        try:
            for frame in self._frames:
                if self._latest:
                    self.dropped += self._decoded.put_latest(frame)
                else:
                    self._decoded.put(frame)
        except CancelledError:
            pass
        except BaseException as exc:
            self._decoded.end(exc)
        else:
            self._decoded.end()

    def _encode(self) -> None:
        try:
            for frame in self._upscaled:
                self._sink.write(frame.completed())
                self.done += 1
        except CancelledError:
            pass
        except BaseException as exc:
            self._error = exc
            self._upscaled.cancel()
        finally:
            self._ended.put(None)
