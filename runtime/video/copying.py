"""Packets of the streams that go into a result as they are."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Dict, Iterator, List, Tuple

from pcsr_edge.runtime.video.inventory import is_cut
from pcsr_edge.runtime.video.library import packets_of
from pcsr_edge.runtime.video.timing import times_before

Timed = Tuple[Fraction, int, Any]
"""Seconds at which a packet is due, the index of its stream in the input, and the packet."""


def copy_of(stream: Any, output: Any) -> Any:
    """Make a stream of the result that is like one of the input."""
    if hasattr(output, "add_stream_from_template"):
        copy = output.add_stream_from_template(stream, opaque=True)
        copy.disposition = stream.disposition
    else:
        copy = output.add_stream(template=stream)
    copy.metadata.update(stream.metadata)
    return copy


def copied_packets(source: Any, copies: Dict[int, Any]) -> Iterator[Timed]:
    """Yield the packets of streams of an open input.

    Args:
        source: the input, from its beginning.
        copies: the streams of the result, by index in the input.
    """
    # Packets of a stream come in order, of several streams nearly so: the muxer sorts the rest.
    latest = Fraction(-(10**9))
    for packet in _decodable(_read(source, list(copies))):
        latest = max(latest, packet.dts * packet.time_base)
        origin = packet.stream.index
        packet.stream = copies[origin]
        yield latest, origin, packet


def _read(source: Any, indices: List[int]) -> Iterator[Any]:
    """Yield the packets that hold something, each with a time of presentation or decoding."""
    streams = [source.streams[i] for i in indices if source.streams[i].type != "attachment"]
    for packet in packets_of(source, streams) if streams else ():
        timed = packet.dts is not None or packet.pts is not None
        if is_cut(packet) or not (timed or packet.size):
            continue
        if not timed:
            # A cover has no time.
            packet.pts = packet.dts = 0
        yield packet


def _decodable(packets: Iterator[Any]) -> Iterator[Any]:
    """Give every packet a time of decoding."""
    waiting: Dict[int, List[Any]] = {}
    for packet in packets:
        if packet.dts is None and packet.stream.type == "video":
            waiting.setdefault(packet.stream.index, []).append(packet)
            continue
        if packet.dts is None:
            packet.dts = packet.pts
        early = waiting.pop(packet.stream.index, [])
        times = times_before(packet.dts, packet.duration or 1, len(early))
        for before, time in zip(early, times):
            before.dts = time
            yield before
        yield packet
    for rest in waiting.values():
        for packet in rest:
            packet.dts = packet.pts
            yield packet
