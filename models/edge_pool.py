"""The edge-SR pool: from a model id to its network, and the published files."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable, Dict, Mapping, Union

import torch

from pcsr_edge.errors import CheckpointError
from pcsr_edge.models.edge_sr import EdgeSRCNN, EdgeSRMax, EdgeSRTemplate, EdgeSRTransformer
from pcsr_edge.models.model_id import ModelId
from pcsr_edge.models.one_channel import OneChannel
from pcsr_edge.models.peers import ESPCN, FSRCNN, Bicubic, BicubicShuffle

NETWORKS: Mapping[str, Callable[[ModelId], OneChannel]] = {
    "eSR-MAX": EdgeSRMax,
    "eSR-TM": EdgeSRTemplate,
    "eSR-TR": EdgeSRTransformer,
    "eSR-CNN": EdgeSRCNN,
    "ESPCN": ESPCN,
    "FSRCNN": FSRCNN,
    "Bicubic": Bicubic,
    "Bicubic-PS": BicubicShuffle,
}
"""Family → its network."""
SUFFIX = ".model"
"""Of the published files; the rest of their name is the id."""


_RENAMED: Mapping[str, str] = {"net.weight": "net.0.weight"}
"""Weight in a published file → ours: `Bicubic` is a bare layer there, a row of one layer here."""


def edge_network(config: ModelId) -> OneChannel:
    """Build the network of an id, with random weights where it learns any."""
    return NETWORKS[config.family](config)


def published_id(path: Union[str, Path]) -> ModelId:
    """Return the id that a published file is named after.

    Raises:
        CheckpointError: the name is no id.
    """
    try:
        return ModelId(Path(path).name[: -len(SUFFIX)])
    except CheckpointError as exc:
        raise CheckpointError(
            f"checkpoint {path} holds weights without a description, and its name does not "
            f"tell the model: {exc}"
        ) from exc


def published_weights(content: Mapping[str, Any]) -> Dict[str, Any]:
    """Return the weights of a published file under our names."""
    return {_RENAMED.get(name, name): value for name, value in content.items()}


def check_sizes(network: OneChannel, weights: Mapping[str, Any], origin: str) -> None:
    """Hold the weights of a published file against the network that its name describes.

    Raises:
        CheckpointError: a weight is missing, left over, or of another size.
    """
    expected, got = _sizes(network.state_dict()), _sizes(weights)
    for name in sorted({*expected, *got}):
        if expected.get(name) != got.get(name):
            raise CheckpointError(
                f"the weights of {origin} are not those of a {network.config.text}: {name} is "
                f"{got.get(name, 'absent')}, expected {expected.get(name, 'absent')}; name the "
                "file after the model it holds"
            )


def _sizes(weights: Mapping[str, Any]) -> Dict[str, str]:
    return {
        name: "x".join(map(str, value.shape)) if isinstance(value, torch.Tensor) else "no tensor"
        for name, value in weights.items()
    }
