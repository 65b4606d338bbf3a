"""Class maps as pictures: warm where the heavy classes work, dark blue where light ones do.

Two classes are orange (heavy) and dark blue (light). With more classes the colours between
follow a ramp orange → rose → violet → dark blue that grows darker all the way, so that it reads
in gray and with any colour vision.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

_RAMP = np.array([[255, 149, 41], [207, 72, 99], [105, 47, 124], [20, 33, 84]], dtype=np.float64)


def palette(classes: int) -> npt.NDArray[np.uint8]:
    """Return the RGB colours of `classes` classes, heaviest first: uint8 (classes, 3)."""
    if classes == 1:
        return _RAMP[:1].astype(np.uint8)
    place = np.linspace(0, len(_RAMP) - 1, classes)
    channels = [np.interp(place, np.arange(len(_RAMP)), _RAMP[:, c]) for c in range(3)]
    return np.stack(channels, axis=1).round().astype(np.uint8)


def colour(class_map: npt.NDArray[Any], classes: int) -> npt.NDArray[np.uint8]:
    """Paint a class map.

    Args:
        class_map: (H, W), the class of each pixel, 0 = heaviest.
        classes: how many classes the model has.

    Returns:
        RGB uint8 (H, W, 3).
    """
    painted: npt.NDArray[np.uint8] = palette(classes)[class_map]
    return painted
