"""A finished part of a result on disk: encoded frames, and what is to be known of them.

A file of a line that names the kind, the packets one after the other, an index as JSON, and the
length of the index as 8 bytes, little-endian. It gets its name when it is whole, so that a file
with that name is always whole.
"""

from __future__ import annotations

import json
import os
import struct
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Dict, Iterator, List, Optional, Tuple

from pcsr_edge.errors import InputError
from pcsr_edge.runtime.video.encoder import Packet
from pcsr_edge.runtime.video.frame import Frame
from pcsr_edge.runtime.video.mending import BadFrame

MAGIC = b"pcsr-edge segment 1\n"
_LENGTH = struct.Struct("<Q")
_ROOM = 2**18
"""Bytes that are written at a time: packets are small, and each would be a call of its own."""


@dataclass
class SegmentIndex:
    """What a segment holds."""

    start: int
    """Number of its first frame."""
    header: str = ""
    """What a decoder must know before the first packet, in hexadecimal digits."""
    frames: List[Tuple[int, int]] = field(default_factory=list)
    """Timestamp and duration of each frame, in order of presentation."""
    packets: List[Tuple[int, int, bool]] = field(default_factory=list)
    """Bytes, timestamp, and whether decoding can begin there; in order of decoding."""
    bad: List[BadFrame] = field(default_factory=list)
    remarks: Dict[str, int] = field(default_factory=dict)


class SegmentFile:
    """Writes one segment; until `finish` it has another name.

    Raises:
        OSError: it cannot be written.
    """

    def __init__(self, path: Path, start: int) -> None:
        self.index = SegmentIndex(start)
        self._path, self._part = path, path.with_suffix(".part")
        self._file: BinaryIO = open(self._part, "wb", _ROOM)  # noqa: SIM115 - finish or abort
        self._file.write(MAGIC)

    def add_frame(self, frame: Frame) -> None:
        """Note a frame."""
        if frame.damage:
            number = self.index.start + len(self.index.frames)
            self.index.bad.append(BadFrame(number, frame.pts, frame.damage))
        if frame.remark:
            remarks = self.index.remarks
            remarks[frame.remark] = remarks.get(frame.remark, 0) + 1
        self.index.frames.append((frame.pts, frame.duration))

    def add_packet(self, packet: Packet) -> None:
        """Append a packet."""
        self._file.write(packet.data)
        self.index.packets.append((len(packet.data), packet.pts, packet.key))

    def finish(self, header: bytes) -> None:
        """Append the index and give the file its name."""
        self.index.header = header.hex()
        text = json.dumps(vars(self.index)).encode()
        self._file.write(text + _LENGTH.pack(len(text)))
        self._file.flush()
        # After a power cut the name must not be there without the bytes.
        os.fsync(self._file.fileno())
        self._file.close()
        os.replace(self._part, self._path)

    def abort(self) -> None:
        """Leave nothing behind; does nothing after `finish`."""
        # On a full disk what is buffered cannot be written now either.
        with suppress(OSError):
            self._file.close()
        self._part.unlink(missing_ok=True)


def read_index(path: Path) -> SegmentIndex:
    """Read what a segment holds.

    Raises:
        InputError: it is no segment, or damaged.
    """
    try:
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            if file.read(len(MAGIC)) != MAGIC:
                raise ValueError("it begins with something else")
            file.seek(-_LENGTH.size, os.SEEK_END)
            (text,) = _LENGTH.unpack(file.read())
            if text > size - len(MAGIC) - _LENGTH.size:
                raise ValueError("its index has an impossible length")
            file.seek(-_LENGTH.size - text, os.SEEK_END)
            fields = json.loads(file.read(text))
            index = SegmentIndex(**fields)
            index.frames = [(pts, duration) for pts, duration in index.frames]
            index.packets = [(length, pts, key) for length, pts, key in index.packets]
            index.bad = [BadFrame(*entry) for entry in fields["bad"]]
            if sum(packet[0] for packet in index.packets) + text != (
                size - len(MAGIC) - _LENGTH.size
            ):
                raise ValueError("its packets are not as long as its index says")
    except (OSError, ValueError, TypeError, KeyError, struct.error) as exc:
        raise InputError(f"{path} is no segment of a video: {exc}; delete it") from exc
    return index


def read_packets(path: Path, index: SegmentIndex) -> Iterator[Packet]:
    """Yield the packets in order of decoding.

    Raises:
        InputError: they cannot be read.
    """
    try:
        with open(path, "rb") as file:
            file.seek(len(MAGIC))
            for length, pts, key in index.packets:
                yield Packet(file.read(length), pts, key)
    except OSError as exc:
        raise InputError(f"{path} cannot be read: {exc.strerror}") from exc


def segment_path(folder: Path, number: int) -> Path:
    """Return where segment `number` lies."""
    return folder / f"segment-{number:06d}.seg"


def finished_segments(folder: Path) -> List[SegmentIndex]:
    """Return the segments that are whole, from the first up to a gap.

    Raises:
        InputError: one is damaged.
    """
    found: List[SegmentIndex] = []
    expected: Optional[int] = 0
    while segment_path(folder, len(found)).exists():
        index = read_index(segment_path(folder, len(found)))
        if index.start != expected:
            raise InputError(
                f"{segment_path(folder, len(found))} begins at frame {index.start}, expected "
                f"{expected}; delete it"
            )
        expected = index.start + len(index.frames)
        found.append(index)
    return found
