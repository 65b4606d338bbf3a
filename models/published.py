"""The checkpoint layout that the PCSR authors published, translated to ours.

They store the light sampler as class 0 and the heavy one as class 1; we count from the
heaviest, so the rows of the classifier's last layer change places.
"""

from __future__ import annotations

import re
from typing import Any, Dict, Mapping, Tuple

import torch

from pcsr_edge.errors import CheckpointError
from pcsr_edge.models.pcsr import PCSR, PCSRConfig

CARN_MEAN = (0.4488, 0.4371, 0.4040)
"""RGB mean that the published CARN networks subtract (DIV2K)."""

_FSRCNN_PREFIXES: Tuple[Tuple[str, str], ...] = (
    (r"head_conv\.", "head."),
    (r"body_conv\.0\.", "shrink."),
    (r"body_conv\.6\.", "expand."),
    (r"body_conv\.([1-5])\.", "mapping."),
)
_CARN_PREFIXES: Tuple[Tuple[str, str], ...] = (
    (r"entry\.", "entry."),
    (r"b([123])\.b1\.", "blocks.{}.residual."),
    (r"b([123])\.c([123])\.", "blocks.{}.cascade.fusions.{}."),
    (r"c([123])\.", "cascade.fusions.{}."),
)


def is_published_pcsr(content: Mapping[str, Any]) -> bool:
    """Tell whether `content` has the form of a published PCSR checkpoint."""
    model = content.get("model")
    return (
        isinstance(model, Mapping)
        and {"name", "args", "sd"} <= set(model)
        and str(model["name"]).startswith("pcsr")
    )


def pcsr_from_published(model: Mapping[str, Any]) -> PCSR:
    """Build a network from the `model` entry of a published checkpoint.

    Raises:
        CheckpointError: a part is missing, unknown or of an unexpected shape.
    """
    try:
        config = _config(model["args"])
        weights = _weights(config.backbone, model["sd"])
    except (KeyError, TypeError, IndexError) as exc:
        raise CheckpointError(f"the published checkpoint lacks or misplaces {exc}") from exc
    network = PCSR(config)
    try:
        network.load_state_dict(weights)
    except RuntimeError as exc:
        detail = " ".join(str(exc).split())
        raise CheckpointError(
            f"the published weights do not fit their description: {detail}"
        ) from exc
    return network


def _hidden(spec: Mapping[str, Any]) -> Tuple[int, ...]:
    return tuple(spec["args"]["imnet_spec"]["args"]["hidden_list"])


def _config(args: Mapping[str, Any]) -> PCSRConfig:
    encoder = args["encoder_spec"]
    name = encoder["name"]
    backbone_args = {k: v for k, v in encoder["args"].items() if k != "no_upsampling"}
    if name not in ("fsrcnn", "carn"):
        raise CheckpointError(
            f"published checkpoints with backbone {name!r} are not known; known are fsrcnn, carn"
        )
    return PCSRConfig(
        backbone=name,
        backbone_args=backbone_args,
        upsamplers=(_hidden(args["heavy_sampler_spec"]), _hidden(args["light_sampler_spec"])),
        classifier=_hidden(args["classifier_spec"]),
        mean=CARN_MEAN if name == "carn" else (0.0, 0.0, 0.0),
    )


def _backbone_key(key: str, prefixes: Tuple[Tuple[str, str], ...]) -> str:
    for pattern, target in prefixes:
        match = re.match(pattern, key)
        if match is None:
            continue
        numbers = [int(group) - 1 for group in match.groups()]
        tail = key[match.end() :]
        if target == "mapping.":
            # The PReLU closes the same Sequential as the four convolutions before it.
            return f"mapping.{numbers[0]}.{tail}"
        return target.format(*numbers) + tail
    raise CheckpointError(f"the published backbone holds an unknown weight {key!r}")


def _mlp_weights(
    sd: Mapping[str, torch.Tensor], source: str, target: str
) -> Dict[str, torch.Tensor]:
    out: Dict[str, torch.Tensor] = {}
    prefix = source + ".imnet.layers."
    for key, value in sd.items():
        if key.startswith(prefix):
            index, kind = key[len(prefix) :].split(".")
            layer = "first" if index == "0" else f"rest.{int(index) - 1}"
            out[f"{target}.{layer}.{kind}"] = value
    return out


def _layer_order(layer: str) -> int:
    return -1 if layer.endswith("first") else int(layer.rsplit(".", 1)[1])


def _weights(backbone: str, sd: Mapping[str, torch.Tensor]) -> Dict[str, torch.Tensor]:
    prefixes = _CARN_PREFIXES if backbone == "carn" else _FSRCNN_PREFIXES
    weights: Dict[str, torch.Tensor] = {}
    for key, value in sd.items():
        if key.startswith("encoder."):
            weights["backbone." + _backbone_key(key[len("encoder.") :], prefixes)] = value
    weights.update(_mlp_weights(sd, "heavy_sampler", "upsamplers.0"))
    weights.update(_mlp_weights(sd, "light_sampler", "upsamplers.1"))
    classifier = _mlp_weights(sd, "classifier", "classifier")
    last = max((key.rsplit(".", 1)[0] for key in classifier), key=_layer_order)
    for kind in ("weight", "bias"):
        classifier[f"{last}.{kind}"] = classifier[f"{last}.{kind}"].flip(0)
    weights.update(classifier)
    return weights
