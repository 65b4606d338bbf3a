"""What becomes of damaged frames, frames that are lost, and frames of another size."""

from __future__ import annotations

from dataclasses import replace
from typing import Dict, Iterable, Iterator, List, NamedTuple, Optional, Tuple

from pcsr_edge.errors import InputError
from pcsr_edge.runtime.bicubic import resize
from pcsr_edge.runtime.video.frame import Frame, VideoFacts
from pcsr_edge.runtime.video.upscaling import enlarged

LONGEST_GAP = 10_000
"""Lost frames before the first good one that are remembered at most."""


class BadFrame(NamedTuple):
    """A frame that was not as it should be."""

    number: int
    """Of the frame, from 0."""
    pts: int
    damage: str


def mended(frames: Iterable[Frame], policy: str, name: str) -> Iterator[Frame]:
    """Give every frame planes, by the policy that `--on-error` names.

    - `repeat`: the last good picture takes the place of a damaged or lost one; before the first
      good one, that.
    - `bicubic`: a damaged picture is used as the decoder concealed it, and enlarged by bicubic,
      since a network would sharpen the damage; a lost one is repeated.
    - `abort`: an error.

    No frame is dropped, and `damage` stays on those that were bad.

    Raises:
        InputError: a frame is bad and the policy is `abort`, or not one is good.
    """
    good: Optional[Frame] = None
    waiting: List[Frame] = []
    for index, frame in enumerate(frames):
        if frame.damage and policy == "abort":
            raise InputError(
                f"{name}: frame {index} is bad ({frame.damage}); --on-error repeat goes on with "
                "the picture before"
            )
        used = frame.has_picture and (not frame.damage or policy == "bicubic")
        if not used and good is None:
            if len(waiting) == LONGEST_GAP:
                break
            waiting.append(frame)
            continue
        if good is None or (used and not frame.damage):
            good = frame
        for earlier in waiting:
            yield replace(earlier, planes=good.planes, rgb=good.rgb)
        waiting.clear()
        shown = frame if used else good
        bicubic = used and bool(frame.damage)
        yield replace(frame, planes=shown.planes, rgb=shown.rgb, bicubic=bicubic)
    if waiting:
        raise InputError(f"{name}: none of the first {len(waiting)} frames can be decoded")


def fitted(frames: Iterable[Frame], facts: VideoFacts) -> Iterator[Frame]:
    """Bring frames of another size to that of the stream, by bicubic interpolation.

    A stream may change its size on the way, and a camera that comes back often does; the result
    cannot. A remark stays on such frames.
    """
    for frame in frames:
        size = _size(frame)
        if size is None or size == facts.size:
            yield frame
            continue
        remarks = (frame.remark, f"{size[1]}x{size[0]}, brought to the first size")
        remark = "; ".join(filter(None, remarks))
        if frame.planes is None:
            assert frame.rgb is not None
            yield replace(frame, rgb=resize(frame.rgb, facts.size), remark=remark)
        else:
            planes = enlarged(frame.planes, facts.size, facts)
            yield replace(frame, planes=planes, remark=remark)


def _size(frame: Frame) -> Optional[Tuple[int, int]]:
    """Return (h, w) of a frame's picture; None where there is none."""
    if frame.planes is not None:
        height, width = frame.planes.y.shape
    elif frame.rgb is not None:
        height, width = frame.rgb.shape[:2]
    else:
        return None
    return height, width


class Register:
    """Lists what was wrong with frames as they pass."""

    def __init__(self) -> None:
        self.bad: List[BadFrame] = []
        self.remarks: Dict[str, int] = {}
        """How many frames there are of each remark."""

    def watched(self, frames: Iterable[Frame], start: int = 0) -> Iterator[Frame]:
        """Pass frames on; the first has number `start`."""
        for index, frame in enumerate(frames, start):
            if frame.damage:
                self.bad.append(BadFrame(index, frame.pts, frame.damage))
            if frame.remark:
                self.remarks[frame.remark] = self.remarks.get(frame.remark, 0) + 1
            yield frame
