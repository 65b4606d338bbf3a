"""The supernets that the ARM authors published, translated to ours.

Their files are bare weights; the names tell the architecture, the shapes its sizes. The widths
are those of the authors' configuration (https://github.com/chenbong/ARM-Net). FSRCNN and CARN
were held against the published files; the names of SRResNet follow the authors' code alone.
"""

from __future__ import annotations

from typing import Any, Dict, Mapping, NamedTuple, Tuple

import torch
from torch.nn import functional as F

from pcsr_edge.errors import CheckpointError
from pcsr_edge.models.published import CARN_MEAN, Weights, backbone_weights
from pcsr_edge.models.supernet_config import ArmConfig

SCALE = 4
"""Of all published supernets."""


class _Layout(NamedTuple):
    """How the authors name one architecture."""

    marks: Tuple[str, ...]
    """Weights that this architecture has and the others lack."""
    widths: Tuple[int, ...]
    tail: Mapping[str, str]
    """The upsampler's layers, theirs → ours."""
    ignored: Tuple[str, ...] = ()
    """Layers that hold no learnt weights."""
    residual: bool = False
    mean: Tuple[float, float, float] = (0.0, 0.0, 0.0)


_LAYOUTS: Mapping[str, _Layout] = {
    "fsrcnn": _Layout(
        ("head_conv.0.weight", "tail_conv.weight"), (56, 36, 16), {"tail_conv": "tail"}
    ),
    "carn": _Layout(
        ("entry.weight", "exit.weight", "upsample.up.body.0.weight"),
        (64, 52, 36),
        {"upsample.up.body.0": "tail.0", "upsample.up.body.3": "tail.3", "exit": "tail.6"},
        ("sub_mean", "add_mean"),
        mean=CARN_MEAN,
    ),
    "srresnet": _Layout(
        ("conv_first.weight", "HRconv.weight", "conv_last.weight"),
        (64, 52, 36),
        {"upconv1": "tail.0", "upconv2": "tail.3", "HRconv": "tail.6", "conv_last": "tail.8"},
        residual=True,
    ),
}


def published_arm_architecture(content: Any) -> str:
    """Return the backbone of a published supernet, or an empty text if `content` is none."""
    if isinstance(content, Mapping):
        for name, layout in _LAYOUTS.items():
            if set(layout.marks) <= set(content):
                return name
    return ""


def arm_from_published(content: Mapping[str, Any]) -> Tuple[ArmConfig, Weights]:
    """Translate a published supernet to a description and our names.

    Raises:
        CheckpointError: a part is missing, unknown or no tensor.
    """
    name = published_arm_architecture(content)
    try:
        if not all(isinstance(value, torch.Tensor) for value in content.values()):
            raise CheckpointError("a published supernet holds nothing but tensors")
        arguments = _arguments(name, content)
        layout = _LAYOUTS[name]
        config = ArmConfig(
            SCALE, name, layout.widths, arguments, residual=layout.residual, mean=layout.mean
        )
        return config, _weights(name, content, arguments)
    except (KeyError, IndexError, ValueError, RuntimeError) as exc:
        raise CheckpointError(f"a part is missing or unknown: {exc!r}") from exc


def _arguments(name: str, content: Mapping[str, torch.Tensor]) -> Dict[str, Any]:
    if name == "fsrcnn":
        shrink = content["body_conv.0.0.weight"]
        layers = [k for k in content if k.startswith("body_conv.") and k.count(".") == 2]
        mapping = {k for k in layers if k.endswith(".bias")}
        return {"s": len(shrink), "m": len(mapping)}
    if name == "carn":
        grouped = content["b1.b1.body.0.weight"]
        return {"groups": len(grouped) // grouped.shape[1]}
    blocks = {key.split(".")[1] for key in content if key.startswith("recon_trunk.")}
    return {"blocks": len(blocks)}


def _weights(name: str, content: Mapping[str, torch.Tensor], arguments: Dict[str, Any]) -> Weights:
    layout = _LAYOUTS[name]
    weights: Weights = {}
    features: Dict[str, torch.Tensor] = {}
    for key, value in content.items():
        layer, kind = key.rsplit(".", 1)
        if layer in layout.tail:
            weights[f"widest.{layout.tail[layer]}.{kind}"] = value
        elif layer not in layout.ignored:
            features[key] = value
    for key, value in backbone_weights(name, features, arguments).items():
        weights[f"widest.features.{key}"] = value
    if name == "fsrcnn":
        _widen_deconvolution(weights)
    return weights


def _widen_deconvolution(weights: Weights) -> None:
    """Write the transposed convolution as a 3x3 one with an output per phase; exact.

    With padding 3 the SR pixel of phase p in a cell sees tap p + 3 - 4·d of the cell that lies
    d further, d = -1, 0, 1, where the kernel of 9 has such a tap.
    """
    kernel = weights["widest.tail.weight"]
    inputs = len(kernel)
    taps = F.pad(kernel, (1, 2, 1, 2)).view(inputs, 3, 3, SCALE, 3, SCALE).flip(2, 4)
    outputs = 3 * SCALE**2
    weights["widest.tail.weight"] = taps.permute(1, 3, 5, 0, 2, 4).reshape(outputs, inputs, 3, 3)
    weights["widest.tail.bias"] = weights["widest.tail.bias"].repeat_interleave(SCALE**2)
