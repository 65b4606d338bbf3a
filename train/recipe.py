"""Recipes: what to train and how."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any, Mapping, Optional, Tuple

from pcsr_edge.models import Config
from pcsr_edge.runtime.quality import Channel

_LATER: Mapping[str, Any] = {
    "bf16_share": 0.0,
    "optimizer": "adam",
    "loss_light": 0.5,
    "loss_noise": 0.0,
    "balanced_from": 1.0,
    "difficulty_classes": 10,
    "single_phases": 0,
    "loss_floor": 0.0,
    "half_weights": False,
}
"""Fields that came after a release, and what stands for their absence in a fingerprint."""


@dataclass(frozen=True)
class Phase:
    """One stage of the multi-stage training (PCSR, section 3.3)."""

    steps: int
    """Optimiser steps."""
    lr: float
    """Learning rate at the start; it falls along a cosine to `lr_end`."""
    lr_end: float = 1e-7
    """Learning rate at the end."""
    optimizer: str = ""
    """In place of the recipe's: `gauss-newton` (see `train/gauss_newton.py`) for single phases of
    eSR-CNN."""
    batch: int = 0
    """In place of the recipe's; 0 is the recipe's."""


@dataclass(frozen=True)
class Recipe:
    """A training run.

    Of `pcsr`, phase j trains upsampler j, and phase 0 also the backbone; of `cascade`, the last
    phase trains the prediction of the gain, those before it the rest.
    """

    name: str
    """Name of the model that comes out."""
    method: str
    """`pcsr`, `plain`, `cascade`, `arm`, `wbsr` or `edge-sr`."""
    scale: int
    """Integer magnification, from 2."""
    model: Config
    """The network."""
    phases: Tuple[Phase, ...]
    """`pcsr`: one per upsampler; `cascade`: from two; else any number, each trains all of the
    network."""
    start_from: Optional[str] = None
    """Name of the model whose weights the run begins with; same network, any scale; a `cascade`
    can also begin as a plain network. The name alone, so that a recipe reads the same
    everywhere: its checkpoint is given to the run."""
    batch: int = 16
    """Patches per step."""
    patch: int = 32
    """LR pixels along each side of a patch."""
    queries_per_cell: int = 0
    """`pcsr`: random phases evaluated per patch and step; 0 means all scale² of them."""
    image_sizes: Tuple[float, ...] = (1.0,)
    """Each training image is used at these magnifications of itself, in (0, 1]."""
    loss_recon: float = 1000.0
    """`pcsr`: weight w_r of the reconstruction loss."""
    loss_average: float = 3.0
    """`pcsr`: weight w_a of the average (class balance) loss."""
    betas: Tuple[float, float] = (0.9, 0.99)
    """Of the optimiser."""
    optimizer: str = "adam"
    """`adam`, or `soap` (see `train/soap.py`)."""
    seed: int = 0
    """Every random choice derives from it and from the step's number."""
    validate_every: int = 2000
    """Steps between two validations; each phase also ends with one."""
    save_every: int = 500
    """Steps between two saved states."""
    bf16_share: float = 0.0
    """`plain`, `cascade`, `arm`, `wbsr`: share of each phase, from its start, whose convolutions
    run in bfloat16."""
    loss_light: float = 0.5
    """`cascade`: weight of the light result's loss; that of the heavy one has weight 1."""
    loss_noise: float = 0.0
    """`wbsr`: scale of the noise in the balanced loss, for pixels in [0, 1]; 0 means plain L1."""
    balanced_from: float = 1.0
    """`wbsr`: share of each phase after which patches are drawn by difficulty class; 1 is never."""
    difficulty_classes: int = 10
    """`wbsr`: K, the classes that patches are drawn by."""
    single_phases: int = 0
    """`edge-sr` with keys: the first phases, in which one value stands for all C, and keys rest.
    Beside random keys, hidden layers learn less."""
    loss_floor: float = 0.0
    """`edge-sr`: ε of the loss log(squared error + ε) of each patch, of which PSNR is made too, for
    pixels in [0, 1]; 0 means the squared error itself, which hard patches rule."""
    half_weights: bool = False
    """`edge-sr`: the trained weights are rounded to half precision, so that graphs in half
    precision hold the same."""

    @property
    def channel(self) -> Channel:
        """What the network reads and writes: `y` or `rgb`."""
        return "y" if self.method == "edge-sr" else "rgb"

    def steps(self) -> int:
        """Return the optimiser steps of all phases together."""
        return sum(phase.steps for phase in self.phases)

    def fingerprint(self) -> str:
        """Return a short hash of all fields; a state can be resumed by the same recipe only."""
        values = asdict(self)
        for name, absent in _LATER.items():
            if values[name] == absent:
                del values[name]
        for phase in values["phases"]:
            for name in ("optimizer", "batch"):
                if not phase[name]:
                    del phase[name]
        text = json.dumps(values, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]
