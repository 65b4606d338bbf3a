"""What a patch costs by class: by FLOPs, or by the time that it takes on this device."""

from __future__ import annotations

import time
from typing import Callable, List, Sequence, Tuple

import numpy as np

from pcsr_edge.runtime.engine import Engine
from pcsr_edge.runtime.interpolation import REACH, bicubic_phases
from pcsr_edge.runtime.manifest import Manifest
from pcsr_edge.runtime.patch_area import PATCHES_PER_CALL

ROUNDS = 15
"""Of all classes in turn, so that what else the machine does falls on all alike."""


def flops_costs(manifest: Manifest) -> Tuple[float, ...]:
    """Return the FLOPs of a patch by class, as shares of the widest subnet's."""
    flops = [cost.flops_per_query for cost in manifest.classes]
    return tuple(each / flops[0] for each in flops)


def timed_costs(
    manifest: Manifest,
    engines: Sequence[Engine],
    clock: Callable[[], float] = time.perf_counter,
) -> Tuple[Tuple[float, ...], float]:
    """Measure a patch by class, in calls as large as at run time.

    Args:
        manifest: of the bundle.
        engines: its subnets, widest first.
        clock: seconds.

    Returns:
        Medians as shares of the widest subnet's, and that one's milliseconds per patch.
    """
    assert isinstance(manifest.scale, int)
    scale, patch = manifest.scale, manifest.patch
    random = np.random.RandomState(0)
    size = (PATCHES_PER_CALL, 3, patch, patch)
    image = random.uniform(size=size).astype(np.float32)
    margin = ((0, 0), (0, 0), (REACH, REACH), (REACH, REACH))
    wide = np.pad(image, margin, mode="edge")

    def network(engine: Engine) -> Callable[[], object]:
        return lambda: engine.run({"image": image})

    calls: List[Callable[[], object]] = [network(engine) for engine in engines]
    calls.append(lambda: bicubic_phases(wide, scale))
    times: List[List[float]] = [[] for _ in calls]
    for _ in range(ROUNDS + 1):
        for call, found in zip(calls, times):
            begin = clock()
            call()
            found.append(clock() - begin)
    # The first round warms up.
    medians = [float(np.median(found[1:])) for found in times]
    return tuple(m / medians[0] for m in medians), medians[0] * 1e3 / PATCHES_PER_CALL
