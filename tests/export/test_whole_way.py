"""Checkpoint → bundle → upscaler gives what the torch network gives, for any M, scale and size."""

from __future__ import annotations

from typing import Any, Callable, Dict, Iterator, Tuple

import numpy as np
import pytest
import torch

from pcsr_edge.export.checkpoint import export_checkpoint
from pcsr_edge.models import PCSR, Checkpoint
from pcsr_edge.models.geometry import query_inputs
from pcsr_edge.models.mlp import PixelMLP
from pcsr_edge.runtime.upscaler import Upscaler

CONFIGS: Dict[int, Any] = {
    1: {"upsamplers": ((8,),)},
    2: {"upsamplers": ((8, 8), (4,))},
    3: {"upsamplers": ((8, 8), (6,), ()), "classifier": (5,)},
}
WAYS: Dict[str, Tuple[Any, Tuple[int, int]]] = {
    "x2": ({"scale": 2}, (22, 18)),
    "x3": ({"scale": 3}, (33, 27)),
    "x1.5": ({"scale": 1.5}, (16, 14)),
    "x2.7": ({"scale": 2.7}, (30, 24)),
    "smaller": ({"scale": 0.6}, (7, 5)),
    "free": ({"size": (29, 41)}, (29, 41)),
}
PIXELS = np.random.RandomState(1).uniform(size=(11, 9, 3)).astype(np.float32)
LR = torch.from_numpy(PIXELS).permute(2, 0, 1)[None]
Loaded = Tuple[PCSR, Upscaler]


def logits_of(model: PCSR, size: Tuple[int, int]) -> torch.Tensor:
    """Return the logits of every query: (H*W, M)."""
    return model.logits(query_inputs(model.backbone(model.normalise(LR)), size))[0]


def balance(classifier: PixelMLP, model: PCSR) -> None:
    """Let every class win somewhere."""
    last: Any = classifier.rest[-1] if len(classifier.rest) else classifier.first
    last.bias.sub_(logits_of(model, (22, 18)).median(dim=0).values)


@pytest.fixture(
    name="loaded",
    scope="module",
    params=[(m, backbone) for m in CONFIGS for backbone in ("fsrcnn", "carn", "srresnet")],
    ids=str,
)
def _loaded(
    request: pytest.FixtureRequest,
    make_model: Callable[..., PCSR],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Loaded]:
    """Return a network and the upscaler of the bundle that was exported from it."""
    classes, backbone = request.param
    model = make_model(backbone, mean=(0.4, 0.5, 0.6), std=0.7, **CONFIGS[classes])
    if model.classifier is not None:
        balance(model.classifier, model)
    folder = tmp_path_factory.mktemp("bundle") / "tiny"
    export_checkpoint(Checkpoint(model), folder, name="tiny", scale="any", verify=False)
    with Upscaler.load(folder, threads=2) as up:
        yield model, up


@pytest.mark.parametrize(("options", "size"), WAYS.values(), ids=WAYS.keys())
def test_the_bundle_upscales_as_the_network_does(
    loaded: Loaded, options: Dict[str, Any], size: Tuple[int, int]
) -> None:
    model, up = loaded
    result = up.run(PIXELS, refine=False, **options)
    class_map = logits_of(model, size).argmax(-1).reshape(size).numpy()
    np.testing.assert_array_equal(result.class_map, class_map)
    expected = model(LR, size, torch.from_numpy(class_map)[None])[0].permute(1, 2, 0)
    np.testing.assert_allclose(result.image, expected.clamp(0, 1).numpy(), rtol=0, atol=1e-5)


def test_every_class_is_in_use(loaded: Loaded) -> None:
    fractions = loaded[1].run(PIXELS, scale=2).fractions
    assert min(fractions) > 0.02
