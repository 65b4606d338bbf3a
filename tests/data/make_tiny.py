"""Make the bundles that tests use where torch is not installed.

Run from the repository's root after a change of the bundle format:
    python tests/data/make_tiny.py
"""

from __future__ import annotations

from pathlib import Path

import torch

from pcsr_edge.export.checkpoint import export_checkpoint
from pcsr_edge.models import (
    PCSR,
    Cascade,
    CascadeConfig,
    Checkpoint,
    PCSRConfig,
    Plain,
    PlainConfig,
)
from pcsr_edge.models.geometry import query_inputs

FOLDER = Path(__file__).parent
PROVENANCE = {"source": "random weights, for tests", "licence": "Apache-2.0"}


@torch.no_grad()
def balance(model: PCSR) -> None:
    """Let the classifier split a noisy picture into halves, decisively."""
    assert model.classifier is not None
    first = model.classifier.first
    model.classifier.projection_weight().data.mul_(200)
    noise = torch.rand(1, 3, 40, 40)
    logits = model.logits(query_inputs(model.backbone(model.normalise(noise)), (160, 160)))
    first.bias.data[0] -= (logits[..., 0] - logits[..., 1]).median()


def make_pcsr() -> None:
    """Export a small network with random weights whose classes are mixed."""
    torch.manual_seed(7)
    config = PCSRConfig(
        backbone="fsrcnn",
        backbone_args={"d": 8, "s": 4, "m": 1},
        upsamplers=((8, 8), (4,)),
        classifier=(),
        mean=(0.45, 0.44, 0.40),
    )
    model = PCSR(config).eval()
    balance(model)
    for upsampler in model.upsamplers:
        # Residuals that stay small.
        upsampler.rest[-1].weight.data *= 0.2
        upsampler.rest[-1].bias.data.zero_()
    checkpoint = Checkpoint(model, PROVENANCE)
    export_checkpoint(
        checkpoint, FOLDER / "tiny-pcsr-x4", name="tiny-pcsr-x4", scale=4, overwrite=True
    )


def make_plain() -> None:
    """Export a small plain network with random weights."""
    torch.manual_seed(7)
    checkpoint = Checkpoint(Plain(PlainConfig(scale=4, channels=4, layers=1)), PROVENANCE)
    export_checkpoint(checkpoint, FOLDER / "tiny-plain-x4", name="tiny-plain-x4", overwrite=True)


def make_cascade() -> None:
    """Export a small cascade with random weights and blocks of 8."""
    torch.manual_seed(7)
    model = Cascade(CascadeConfig(4, 4, 1, 2, block=8, margin=1, gain_channels=4))
    torch.nn.init.normal_(model.light.weight, std=0.05)
    checkpoint = Checkpoint(model, PROVENANCE)
    export_checkpoint(
        checkpoint, FOLDER / "tiny-cascade-x4", name="tiny-cascade-x4", overwrite=True
    )


if __name__ == "__main__":
    make_pcsr()
    make_plain()
    make_cascade()
