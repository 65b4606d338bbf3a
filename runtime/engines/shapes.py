"""Which shapes an engine is built for: TensorRT calls them an optimization profile.

The inputs of our graphs are few, and go by their names (docs/engines.md):

| input | what varies | range |
| --- | --- | --- |
| `image`, `y` | height, width | what the graph takes, up to the next power of two of each |
| `image` of several patches | their number as well | up to the largest bucket |
| `projection` | cells | up to the next power of two |
| `cell`, `phase`, `geometry` | queries, phases | up to the largest bucket |
| `features` of four dimensions | blocks | up to the largest bucket |

An engine for one exact size of frames is faster, an engine for a range serves more pictures.
"""

from __future__ import annotations

from typing import Dict, Mapping, NamedTuple, Tuple

from pcsr_edge.runtime.buckets import BLOCK_BUCKETS, PATCH_BUCKETS, QUERY_BUCKETS

Shape = Tuple[int, ...]
Shapes = Mapping[str, Shape]
"""Input → its shape."""
LEAST_SIDE = 64
"""Pixels along a side that the smallest range goes up to."""
LEAST_CELLS = 4096


class Range(NamedTuple):
    """Shapes of one input; the engine is tuned for the usual one."""

    least: Shape
    usual: Shape
    most: Shape

    def fitted(self, declared: Shape) -> Range:
        """Return the range with what the graph fixes, where `declared` is not -1."""
        return Range(*(_merged(shape, declared) for shape in self))

    @property
    def key(self) -> str:
        """What tells engines apart: all but the usual shape."""
        low, high = ("x".join(map(str, shape)) for shape in (self.least, self.most))
        return low if low == high else f"{low}..{high}"


def _merged(shape: Shape, declared: Shape) -> Shape:
    return tuple(own if fixed < 0 else fixed for own, fixed in zip(shape, declared))


def ranges_for(shapes: Shapes, *, exact: bool, least_side: int = 1) -> Dict[str, Range]:
    """Return the ranges of an engine that takes inputs of these shapes.

    Args:
        shapes: of every input of one call.
        exact: frames of exactly this size alone; batches keep their range.
        least_side: pixels along a side that the graph certainly takes. TensorRT refuses a range
            whose least shape it cannot run.
    """
    return {name: _range(name, shape, exact, least_side) for name, shape in shapes.items()}


def _range(name: str, shape: Shape, exact: bool, least_side: int) -> Range:
    least, usual, most = list(shape), list(shape), list(shape)
    if name in ("image", "y"):
        if shape[0] > 1:
            least[0] = 1
            usual[0] = most[0] = _power_of_two(shape[0], PATCH_BUCKETS[-1])
        for axis in () if exact else (2, 3):
            # What comes is taken as well, also where it is less.
            least[axis] = min(least_side, shape[axis])
            most[axis] = _power_of_two(shape[axis], LEAST_SIDE)
    elif name == "projection" and not exact:
        least[0], most[0] = 1, _power_of_two(shape[0], LEAST_CELLS)
    elif name in ("cell", "phase", "geometry"):
        least[0], most[0] = 1, _power_of_two(shape[0], QUERY_BUCKETS[-1])
        # Phases are few but at free scales; queries come in full buckets.
        usual[0] = shape[0] if name == "geometry" else most[0]
    elif name == "features":
        least[0] = 1
        usual[0] = most[0] = _power_of_two(shape[0], BLOCK_BUCKETS[-1])
    return Range(tuple(least), tuple(usual), tuple(most))


def _power_of_two(value: int, least: int) -> int:
    """Return the least power of two that is no less than both."""
    power = least
    while power < value:
        power *= 2
    return power
