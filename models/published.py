"""The checkpoint layout that the PCSR authors published, translated to ours.

They store the light sampler as class 0 and the heavy one as class 1; we count from the
heaviest, so the rows of the classifier's last layer change places. FSRCNN and CARN were held
against the published files; nobody published an SRResNet checkpoint, so its names follow the
authors' code (https://github.com/3587jjh/PCSR) alone.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Tuple

import torch

from pcsr_edge.errors import CheckpointError
from pcsr_edge.models.config import PCSRConfig

CARN_MEAN = (0.4488, 0.4371, 0.4040)
"""RGB mean that the published CARN networks subtract (DIV2K)."""

Weights = Dict[str, torch.Tensor]


def _fsrcnn_name(parts: List[str], arguments: Mapping[str, Any]) -> str:
    mapping_layers: int = arguments["m"]
    if parts[0] == "head_conv":
        return ".".join(["head", *parts[1:]])
    index, rest = int(parts[1]), parts[2:]
    if index == 0:
        return ".".join(["shrink", *rest])
    if index == mapping_layers + 2:
        return ".".join(["expand", *rest])
    return ".".join(["mapping", str(index - 1), *rest])


def _carn_name(parts: List[str], _: Mapping[str, Any]) -> str:
    first, rest = parts[0], parts[1:]
    if first == "entry":
        return ".".join(parts)
    number = str(int(first[1:]) - 1)
    if first[0] == "c":
        return ".".join(["cascade.fusions", number, *rest])
    if rest[0] == "b1":
        return ".".join(["blocks", number, "residual", *rest[1:]])
    fusion = str(int(rest[0][1:]) - 1)
    return ".".join(["blocks", number, "cascade.fusions", fusion, *rest[1:]])


def _srresnet_name(parts: List[str], _: Mapping[str, Any]) -> str:
    if parts[0] == "conv_first":
        return ".".join(["head.0", *parts[1:]])
    layer = {"conv1": "0", "conv2": "2"}[parts[2]]
    return ".".join(["body", parts[1], "body", layer, *parts[3:]])


class _Layout(NamedTuple):
    """How the authors describe one backbone."""

    weight_name: Callable[[List[str], Mapping[str, Any]], str]
    """Maps a weight's name, split at the dots, to ours; receives our arguments."""
    arguments: Mapping[str, Tuple[str, int]]
    """Their argument → ours and their default."""
    mean: Tuple[float, float, float] = (0.0, 0.0, 0.0)


_LAYOUTS: Mapping[str, _Layout] = {
    "fsrcnn": _Layout(_fsrcnn_name, {"d": ("d", 56), "s": ("s", 12), "m": ("m", 4)}),
    "carn": _Layout(_carn_name, {"nf": ("nf", 64), "group": ("groups", 4)}, CARN_MEAN),
    "srresnet": _Layout(_srresnet_name, {"nf": ("nf", 64), "nb": ("blocks", 16)}),
}
_HEADS = (("heavy_sampler", "upsamplers.0"), ("light_sampler", "upsamplers.1"))


def backbone_weights(name: str, sd: Mapping[str, torch.Tensor], args: Mapping[str, Any]) -> Weights:
    """Return published weights of a backbone under our names.

    Args:
        name: of the backbone.
        sd: the authors' names, beginning inside the backbone.
        args: our arguments of it.
    """
    layout = _LAYOUTS[name]
    return {layout.weight_name(key.split("."), args): value for key, value in sd.items()}


def is_published_pcsr(content: Mapping[str, Any]) -> bool:
    """Tell whether `content` has the form of a published PCSR checkpoint."""
    model = content.get("model")
    return (
        isinstance(model, Mapping)
        and {"name", "args", "sd"} <= set(model)
        and str(model["name"]).startswith("pcsr")
    )


def pcsr_from_published(model: Mapping[str, Any]) -> Tuple[PCSRConfig, Weights]:
    """Translate the `model` entry of a published checkpoint.

    Raises:
        CheckpointError: a part is missing or unknown.
    """
    try:
        config = _config(model["args"])
        return config, _weights(config, model["sd"])
    except CheckpointError:
        raise
    except (KeyError, TypeError, IndexError, ValueError, AttributeError) as exc:
        raise CheckpointError(f"a part is missing or unknown: {exc!r}") from exc


def _hidden(spec: Mapping[str, Any]) -> Tuple[int, ...]:
    return tuple(spec["args"]["imnet_spec"]["args"]["hidden_list"])


def _config(args: Mapping[str, Any]) -> PCSRConfig:
    encoder = args["encoder_spec"]
    layout = _LAYOUTS.get(encoder["name"])
    if layout is None:
        raise CheckpointError(
            f"backbone {encoder['name']!r} is not known; known are {', '.join(_LAYOUTS)}"
        )
    given = encoder["args"]
    samplers = [args[f"{source}_spec"] for source, _ in _HEADS if f"{source}_spec" in args]
    return PCSRConfig(
        backbone=encoder["name"],
        backbone_args={
            ours: given.get(theirs, default) for theirs, (ours, default) in layout.arguments.items()
        },
        upsamplers=tuple(_hidden(spec) for spec in samplers),
        classifier=_hidden(args["classifier_spec"]) if "classifier_spec" in args else (),
        mean=layout.mean,
    )


def _mlp_weights(sd: Mapping[str, torch.Tensor], source: str, target: str) -> Weights:
    out: Weights = {}
    prefix = source + ".imnet.layers."
    for key, value in sd.items():
        if key.startswith(prefix):
            index, kind = key[len(prefix) :].split(".")
            layer = "first" if index == "0" else f"rest.{int(index) - 1}"
            out[f"{target}.{layer}.{kind}"] = value
    return out


def _weights(config: PCSRConfig, sd: Mapping[str, torch.Tensor]) -> Weights:
    weights: Weights = {}
    encoder = {key[len("encoder.") :]: v for key, v in sd.items() if key.startswith("encoder.")}
    named = backbone_weights(config.backbone, encoder, config.backbone_args)
    weights.update({f"backbone.{name}": value for name, value in named.items()})
    for source, target in _HEADS:
        weights.update(_mlp_weights(sd, source, target))
    classifier = _mlp_weights(sd, "classifier", "classifier")
    if classifier:
        last = f"rest.{2 * len(config.classifier) - 1}" if config.classifier else "first"
        for name in (f"classifier.{last}.weight", f"classifier.{last}.bias"):
            classifier[name] = classifier[name].flip(0)
    weights.update(classifier)
    return weights
