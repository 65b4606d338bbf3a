"""Opens a result again and compares it with what went in: a difference is an error."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Dict, List, Mapping, Optional, Sequence, Tuple

from pcsr_edge.errors import OutputError
from pcsr_edge.runtime.video.inventory import Inventory, StreamCount, take_inventory
from pcsr_edge.runtime.video.timing import durations


@dataclass(frozen=True)
class Expected:
    """What a result must hold."""

    time_base: Fraction
    frames: Sequence[Tuple[int, int]]
    """Timestamp and duration of every frame, in order of presentation."""
    inventory: Optional[Inventory] = None
    """Of the input; None for a live one, which cannot be counted again."""
    copied: Tuple[int, ...] = ()
    """Streams of the input that were copied, by index."""
    left_out: Mapping[int, int] = field(default_factory=dict)
    """Packets of them that were left out as damaged, by index."""


@dataclass(frozen=True)
class Checked:
    """What was found equal."""

    frames: int
    seconds: float
    """From the beginning of the first frame to the end of the last."""
    packets: Dict[str, int]
    """Packets of the copied streams, by kind."""
    shift: float
    """Seconds by which all timestamps are later than in the input: some containers have none
    below zero."""


def check_result(path: Path, name: str, expected: Expected) -> Checked:
    """Compare a file with what it must hold.

    Args:
        path: the file.
        name: of the result, for messages.
        expected: what it must hold.

    Raises:
        OutputError: something is missing, too much, or at another time.
        InputError: the file cannot be read.
    """
    return compared(name, expected, take_inventory(path))


def compared(name: str, expected: Expected, found: Inventory) -> Checked:
    """Compare what a file holds with what it must hold; see `check_result`."""
    times = [pts for pts, _ in expected.frames]
    source = expected.inventory
    if source is not None and source.timed and source.pts != times:
        raise _difference(name, "timestamps of frames", len(source.pts), len(times))
    if found.frames != len(times):
        raise _difference(name, "frames", len(times), found.frames)
    assert found.video is not None
    tick = found.streams[found.video].time_base
    shift = _shift(name, expected, found, tick)
    _check_end(name, expected, found, shift, tick)
    packets = _check_copied(name, expected, found, shift)
    begin, end = times[0], times[-1] + durations(expected.frames)[times[-1]]
    return Checked(found.frames, float((end - begin) * expected.time_base), packets, float(shift))


def _shift(name: str, expected: Expected, found: Inventory, tick: Fraction) -> Fraction:
    """Return by how much all frames are later, and make sure that it is all by the same."""
    # A container with coarser ticks rounds to the nearest.
    allowed = Fraction(0) if _holds(expected.time_base, tick) else tick
    wanted = [pts * expected.time_base for pts, _ in expected.frames]
    shift = found.pts[0] * tick - wanted[0]
    if abs(shift) <= allowed:
        shift = Fraction(0)
    for number, (is_, should) in enumerate(zip(found.pts, wanted)):
        if abs(is_ * tick - shift - should) > allowed:
            raise _difference(
                name, f"the time of frame {number}", float(should), float(is_ * tick - shift)
            )
    return shift


def _holds(time_base: Fraction, tick: Fraction) -> bool:
    return (time_base / tick).denominator == 1


def _check_end(
    name: str, expected: Expected, found: Inventory, shift: Fraction, tick: Fraction
) -> None:
    last, stated = expected.frames[-1]
    if not stated or found.end == found.pts[-1]:
        return
    should = (last + stated) * expected.time_base
    is_ = found.end * tick - shift
    if abs(is_ - should) > max(tick, expected.time_base):
        raise _difference(name, "the end in seconds", float(should), float(is_))


def _check_copied(
    name: str, expected: Expected, found: Inventory, shift: Fraction
) -> Dict[str, int]:
    source = expected.inventory
    if source is None:
        return {}
    # Titles of chapters are a data stream in MP4, which the muxer makes.
    others = [
        count
        for index, count in found.streams.items()
        if index != found.video and count.kind != "data"
    ]
    if len(expected.copied) != len(others):
        raise _difference(name, "copied streams", len(expected.copied), len(others))
    packets: Dict[str, int] = {}
    for index, is_ in zip(expected.copied, others):
        _check_stream(name, source.streams[index], is_, shift, expected.left_out.get(index, 0))
        packets[is_.kind] = packets.get(is_.kind, 0) + is_.packets
    return packets


def _check_stream(
    name: str, should: StreamCount, is_: StreamCount, shift: Fraction, left_out: int
) -> None:
    what = f"{should.kind} ({should.codec})"
    if should.codec.startswith("pcm_"):
        # Containers cut such audio into packets as they like, so its last one is another.
        if left_out:
            return
        if should.bytes != is_.bytes:
            raise _difference(name, f"bytes of {what}", should.bytes, is_.bytes)
        should, is_ = replace(should, packets=0, last=None), replace(is_, packets=0)
    if should.packets - left_out != is_.packets:
        raise _difference(name, f"packets of {what}", should.packets - left_out, is_.packets)
    if left_out:
        # It may be the first or the last that is not there.
        return
    pairs: List[Tuple[str, Optional[int], Optional[int]]] = [
        ("first", should.first, is_.first),
        ("last", should.last, is_.last),
    ]
    for which, wanted, there in pairs:
        if wanted is None or there is None:
            continue
        seconds = wanted * should.time_base
        distance = there * is_.time_base - shift - seconds
        if abs(distance) > max(should.time_base, is_.time_base):
            raise _difference(
                name, f"the {which} time of {what}", float(seconds), float(seconds + distance)
            )


def _difference(name: str, what: str, expected: object, found: object) -> OutputError:
    return OutputError(
        f"{name} is not as it should be and was not kept: {what}: expected {expected}, found "
        f"{found}; the frames are kept, so another container costs little: name one with -o"
    )
