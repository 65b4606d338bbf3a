"""Times of packets that go into one file: when each is decoded, and how long it is shown."""

from __future__ import annotations

from typing import Dict, List, Mapping, Sequence, Tuple


def decoding_times(shown: Sequence[int], lengths: Mapping[int, int]) -> List[int]:
    """Return when each packet is to be decoded.

    Segments know nothing of each other, so their encoders' own decoding times may overlap. These
    rise over the whole stream and none is later than its packet is shown. An MP4 file says how
    long after each packet the next is decoded, not how long a frame is shown; so decoding, up to
    the end of the last packet, takes as long as the film.

    Args:
        shown: timestamps in order of decoding; all differ.
        lengths: how long each is shown, by its timestamp; of `durations`.
    """
    ascending = sorted(shown)
    rank = {pts: place for place, pts in enumerate(ascending)}
    # How far a packet is sent ahead of its turn, at most.
    delay = max((place - rank[pts] for place, pts in enumerate(shown)), default=0)
    if not delay:
        return ascending
    begin, end = ascending[0], ascending[-1] + lengths[ascending[-1]]
    # At least a tick for each packet: the last frames are shown as long, without the last packet's.
    lead = end - lengths[shown[-1]] - ascending[len(shown) - 1 - delay]
    first = [begin - lead + lead * place // delay for place in range(delay)]
    return first + ascending[: len(shown) - delay]


def times_before(known: int, step: int, count: int) -> List[int]:
    """Return when packets are to be decoded that come before one whose time is known.

    Matroska files do not say it, and FFmpeg finds out after the first few of a stream.

    Args:
        known: time of the next packet.
        step: ticks from one to the next.
        count: how many there are.
    """
    return [known - step * (count - place) for place in range(count)]


def durations(frames: Sequence[Tuple[int, int]]) -> Dict[int, int]:
    """Return how long each frame is shown, by its timestamp: until the next comes.

    Args:
        frames: timestamp and duration, 0 where unknown, in order of presentation.
    """
    times = [pts for pts, _ in frames]
    found = {pts: after - pts for pts, after in zip(times, times[1:])}
    if frames:
        last, stated = frames[-1]
        found[last] = stated or (last - times[-2] if len(times) > 1 else 0)
    return found
