"""From the colour tags of a stream to what conversions need; what is missing is filled by rule."""

from __future__ import annotations

from typing import List, NamedTuple, Optional, Tuple

from pcsr_edge.errors import UsageError
from pcsr_edge.runtime.colour import Matrix
from pcsr_edge.runtime.video.frame import Tags, VideoFacts

UNSPECIFIED = 2
MATRICES = {1: Matrix.BT709, 5: Matrix.BT601, 6: Matrix.BT601, 9: Matrix.BT2020}
"""Numbers of ITU-T H.273, table 4."""
HD_HEIGHT, HD_WIDTH = 576, 1024
"""Pictures that are larger than this, either way, are HD: untagged, they are taken for BT.709."""
_SD_25 = (576, 288)
"""Heights of the SD standards of 25 frames per second, whose primaries are a little different."""
PQ, HLG = 16, 18


class Colours(NamedTuple):
    """What is known of the colours of a stream after the rule was applied."""

    matrix: Optional[Matrix]
    """None where RGB cannot be made."""
    tags: Tags
    """Complete: a result of another size must not be taken for something else."""
    notes: Tuple[str, ...]


def settle(tags: Tags, size: Tuple[int, int]) -> Colours:
    """Fill in what a stream leaves open: BT.709 for HD pictures, BT.601 for others.

    Args:
        tags: as the stream has them.
        size: (h, w).
    """
    filled = _filled(tags, size)
    notes: List[str] = []
    if tags.matrix == UNSPECIFIED:
        name = "BT.709" if filled.matrix == 1 else "BT.601"
        notes.append(f"no colour matrix is stated; by its size {size[1]}x{size[0]} {name} is taken")
    if filled.transfer in (PQ, HLG):
        name = "PQ" if filled.transfer == PQ else "HLG"
        notes.append(
            f"its brightness is coded for HDR ({name}), which models were not trained on; "
            "mastering metadata is not kept"
        )
    return Colours(MATRICES.get(filled.matrix), filled, tuple(notes))


def matrix_of(facts: VideoFacts) -> Matrix:
    """Return the matrix of frames that are to become RGB.

    Raises:
        UsageError: it is none that RGB can be made with.
    """
    if facts.matrix is None:
        raise UsageError(
            f"pictures cannot be made with the colour matrix {facts.tags.matrix} of the video; "
            "name a video file as output"
        )
    return facts.matrix


def _filled(tags: Tags, size: Tuple[int, int]) -> Tags:
    hd = size[0] > HD_HEIGHT or size[1] > HD_WIDTH
    matrix = tags.matrix
    if matrix == UNSPECIFIED:
        matrix = 1 if hd else (5 if size[0] in _SD_25 else 6)
    # Players take the size for what is left open, and the result has another one. The transfer
    # of SD has the same curve as that of HD.
    primaries = matrix if tags.primaries == UNSPECIFIED and matrix in MATRICES else tags.primaries
    curve = {1: 1, 5: 6, 6: 6, 9: 14}.get(matrix, UNSPECIFIED)
    transfer = curve if tags.transfer == UNSPECIFIED else tags.transfer
    return Tags(matrix, primaries, transfer)
