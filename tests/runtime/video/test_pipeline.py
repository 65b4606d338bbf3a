"""The three stages: order, errors, and what is kept in memory."""

from __future__ import annotations

import signal
import sys
import threading
import time
import weakref
from dataclasses import replace

import numpy as np
import pytest

from pcsr_edge.errors import OutputError
from pcsr_edge.runtime.video import pipeline
from pcsr_edge.runtime.video.frame import Frame
from pcsr_edge.runtime.video.later import Later
from pcsr_edge.runtime.video.pipeline import Pipeline
from pcsr_edge.runtime.yuv import Yuv


class ListSink:
    """Keeps timestamps."""

    def __init__(self, fail_at: int = -1) -> None:
        self.times, self._fail_at = [], fail_at

    def write(self, frame) -> None:
        if frame.pts == self._fail_at:
            raise OutputError("no room")
        self.times.append(frame.pts)

    def finish(self) -> None: ...

    def abort(self) -> None: ...


def frames(count, fail_at=-1):
    for pts in range(count):
        if pts == fail_at:
            raise OSError("gone")
        yield Frame(None, pts)


def same(frame):
    return frame


def test_all_frames_arrive_in_order() -> None:
    sink = ListSink()
    assert Pipeline(frames(50), same, sink).run() == 50
    assert sink.times == list(range(50))


def test_an_error_of_the_reader_surfaces_after_what_came_before() -> None:
    sink = ListSink()
    with pytest.raises(OSError, match="gone"):
        Pipeline(frames(50, fail_at=20), same, sink).run()
    assert sink.times == list(range(len(sink.times)))


def test_an_error_of_the_writer_stops_an_endless_reader() -> None:
    with pytest.raises(OutputError, match="no room"):
        Pipeline(frames(10**9), same, ListSink(fail_at=5)).run()


def test_an_error_of_the_writer_with_the_last_frame_surfaces() -> None:
    class Failing(ListSink):
        def write(self, frame) -> None:
            super().write(frame)
            if frame.pts == 2:
                # Nothing else is left to do: all wait for the writer.
                time.sleep(0.2)
                raise OutputError("no room")

    with pytest.raises(OutputError, match="no room"):
        Pipeline(frames(3), same, Failing()).run()
    assert not [t for t in threading.enumerate() if t.name.startswith("pcsr-edge-")]


def test_an_error_in_between_surfaces() -> None:
    def fail(frame):
        raise ValueError("upscaling")

    with pytest.raises(ValueError, match="upscaling"):
        Pipeline(frames(10**9), fail, ListSink()).run()


def test_an_interrupt_ends_all_threads() -> None:
    def interrupt(state) -> None:
        if state.done > 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Pipeline(frames(10**9), same, ListSink(), interrupt).run()
    assert not [t for t in threading.enumerate() if t.name.startswith("pcsr-edge-")]


def test_an_interrupt_while_threads_start_ends_them_too(monkeypatch) -> None:
    class Interrupted(threading.Thread):
        def start(self) -> None:
            super().start()
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(pipeline, "Thread", Interrupted)
    with pytest.raises(KeyboardInterrupt):
        Pipeline(frames(10**9), same, ListSink()).run()
    assert not [t for t in threading.enumerate() if t.name.startswith("pcsr-edge-")]


def test_an_interrupt_before_anything_is_stopped_stops_it(monkeypatch) -> None:
    stop, calls = Pipeline._stop, []

    def interrupted(self, threads) -> None:
        calls.append(1)
        if len(calls) == 1:
            raise KeyboardInterrupt
        stop(self, threads)

    monkeypatch.setattr(Pipeline, "_stop", interrupted)
    with pytest.raises(KeyboardInterrupt):
        Pipeline(frames(10**9), same, ListSink(fail_at=5)).run()
    assert not [t for t in threading.enumerate() if t.name.startswith("pcsr-edge-")]


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGINT to send")
def test_an_interrupt_while_the_last_frames_are_written_ends_the_writer_first() -> None:
    class Interrupting(ListSink):
        def write(self, frame) -> None:
            if frame.pts == 3:
                signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
                time.sleep(0.2)
            super().write(frame)

    sink = Interrupting()
    with pytest.raises(KeyboardInterrupt):
        Pipeline(frames(4), same, sink).run()
    assert sink.times == [0, 1, 2, 3]
    assert not [t for t in threading.enumerate() if t.name.startswith("pcsr-edge-")]


def test_no_more_frames_live_than_the_queues_hold() -> None:
    references, most = [], []

    def big():
        for pts in range(500):
            plane = np.zeros((8, 8), np.uint8)
            references.append(weakref.ref(plane))
            yield Frame(Yuv(plane, plane, plane), pts)

    def count(state) -> None:
        most.append(sum(reference() is not None for reference in references))

    Pipeline(big(), same, ListSink(), count, depth=3).run()
    # Both queues, and one in the hands of each stage or on its way between two.
    assert max(most) <= pipeline.DEPTH + 3 + 5


def test_the_state_tells_how_full_the_queues_are() -> None:
    states = []
    Pipeline(frames(20), same, ListSink(), states.append, depth=3).run()
    assert len(states) == 21
    assert states[-1].done == 20
    assert all(0 <= s.decoded <= s.backlog == pipeline.DEPTH for s in states)
    assert all(0 <= s.upscaled <= s.depth == 3 for s in states)


@pytest.mark.parametrize(
    ("size", "frames_waiting"),
    [((240, 320), 24), ((1080, 1920), 21), ((2160, 3840), 5), ((4320, 7680), 4)],
)
def test_as_many_frames_may_wait_for_the_encoder_as_there_is_room_for(size, frames_waiting):
    assert pipeline.depth_before_encoder(size, 8) == frames_waiting


@pytest.mark.parametrize(
    ("size", "frames_waiting"),
    [((240, 320), 24), ((720, 1280), 12), ((1080, 1920), 5), ((2160, 3840), 4)],
)
def test_fewer_bytes_may_wait_to_be_upscaled(size, frames_waiting):
    assert pipeline.depth_before_upscaler(size, 8) == frames_waiting


def test_a_deep_queue_is_filled_in_bursts():
    """While frames are taken one by one, none is decoded until half of the queue is empty."""
    decoded, gaps = [], []
    full = threading.Event()

    def source():
        for frame in frames(200):
            decoded.append(frame.pts)
            # A queue of 24 is full, and one is in hand.
            if len(decoded) == 25:
                full.set()
            yield frame

    def upscale(frame):
        assert full.wait(30)
        gaps.append(len(decoded) - frame.pts)
        return frame

    Pipeline(source(), upscale, ListSink(), backlog=24).run()
    assert gaps[:10] == list(range(25, 15, -1))


def test_upscaling_goes_on_while_the_encoder_ends_a_segment():
    resume = threading.Event()
    upscaled = []

    class PausingSink(ListSink):
        def write(self, frame) -> None:
            assert resume.wait(30)
            super().write(frame)

    def upscale(frame):
        upscaled.append(frame.pts)
        if frame.pts == 19:
            # One is in the encoder's hands.
            resume.set()
        return frame

    sink = PausingSink()
    Pipeline(frames(50), upscale, sink, depth=19).run()
    assert sink.times == list(range(50))


class Unfinished:
    """Makes frames of which something is left to do, and notes which thread does it."""

    def __init__(self, fail: bool = False) -> None:
        self.by = {}
        self._fail = fail

    def __call__(self, frame) -> Frame:
        return replace(frame, coded=Later(lambda: self._complete(frame)))

    def _complete(self, frame):
        if self._fail:
            raise ValueError("no planes")
        self.by[frame.pts] = threading.current_thread().name
        return Yuv(*(np.zeros((2, 2), np.uint8) for _ in range(3)))


class GatedSink(ListSink):
    """Takes the first frame when it is told to; every frame is complete."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()

    def write(self, frame) -> None:
        assert frame.planes is not None
        assert frame.coded is None
        assert self.gate.wait(10)
        super().write(frame)


def test_what_is_left_to_do_is_done_where_nobody_waits_for_it() -> None:
    unfinished, sink, waiting = Unfinished(), GatedSink(), []

    def watch(state) -> None:
        waiting.append(state.upscaled)
        if state.done == 0 and len(waiting) == 8:
            sink.gate.set()

    Pipeline(frames(8), unfinished, sink, watch, depth=12).run()
    assert sink.times == list(range(8))
    # At most two go to an encoder that has nothing else to do: before it takes the first, and
    # while it works on that one. All others find one waiting.
    upscaler = threading.current_thread().name
    assert [unfinished.by[n] == upscaler for n in range(8)] in (
        [False, True, True, True, True, True, True, True],
        [False, False, True, True, True, True, True, True],
    )


def test_an_encoder_that_waits_completes_every_frame() -> None:
    unfinished, sink = Unfinished(), GatedSink()
    sink.gate.set()

    def slowly():
        for frame in frames(5):
            deadline = time.monotonic() + 10
            while len(sink.times) < frame.pts and time.monotonic() < deadline:
                time.sleep(0.001)
            yield frame

    Pipeline(slowly(), unfinished, sink).run()
    assert set(unfinished.by.values()) == {"pcsr-edge-encode"}


def test_an_error_in_what_was_left_to_do_surfaces() -> None:
    with pytest.raises(ValueError, match="no planes"):
        Pipeline(frames(10**9), Unfinished(fail=True), GatedSink()).run()
