"""Small pictures and recipes, on which a training run takes a fraction of a second."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any, Callable, Dict, Sequence

import numpy as np
import pytest
from PIL import Image

# Training needs torch; where it is absent these tests are not collected.
collect_ignore_glob = [] if find_spec("torch") else ["test_*.py"]

SCALE = 2
BACKBONES: Dict[str, Dict[str, Any]] = {
    "fsrcnn": {"d": 4, "s": 3, "m": 1},
    "carn": {"nf": 4, "groups": 2},
    "srresnet": {"nf": 4, "blocks": 1},
}
WIDTHS = ([6, 5], [4], [3])


def picture(seed: int, height: int, width: int) -> Any:
    """Draw a uint8 RGB picture with smooth parts, edges and noise."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    waves = [np.sin(y * a + x * b + c) for a, b, c in rng.uniform(0.05, 0.9, (3, 3))]
    values = 128 + 80 * np.stack(waves, -1) + rng.normal(0, 6, (height, width, 3))
    values[(y // 7 + x // 5) % 3 == 0] *= 0.6
    return np.clip(values, 0, 255).astype(np.uint8)


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with three small pictures."""
    folder = tmp_path_factory.mktemp("pictures")
    for seed, (height, width) in enumerate([(40, 36), (33, 51), (48, 32)]):
        Image.fromarray(picture(seed, height, width)).save(folder / f"{seed}.png")
    return folder


@pytest.fixture(scope="session")
def recipe_data() -> Callable[..., Dict[str, Any]]:
    """Return a function that makes the plain data of a small recipe."""

    def make(
        backbone: str = "fsrcnn",
        steps: Sequence[int] = (3, 2),
        **fields: Any,
    ) -> Dict[str, Any]:
        model = {
            "backbone": backbone,
            "backbone_args": BACKBONES[backbone],
            "upsamplers": list(WIDTHS[: len(steps)]),
        }
        data = {
            "name": "tiny",
            "method": "pcsr",
            "scale": SCALE,
            "model": model,
            "phases": [{"steps": count, "lr": 0.01} for count in steps],
            "batch": 2,
            "patch": 8,
            "queries_per_cell": 2,
        }
        return {**data, **fields}

    return make
