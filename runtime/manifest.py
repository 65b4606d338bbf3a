"""`bundle.json`: what a bundle says of itself, checked on load."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, Mapping, Optional, Tuple, TypeVar, Union

from pcsr_edge.errors import BundleError

SCHEMA_VERSION = 1
METHODS = ("pcsr", "plain", "cascade")
CHANNELS = ("rgb",)
MAX_RADIUS = 4096
"""Larger receptive fields are mistakes."""
T = TypeVar("T")


@dataclass(frozen=True)
class GraphFile:
    """One ONNX file of a bundle."""

    file: str
    """Name relative to the bundle's folder."""
    sha256: str
    """Of the file's content, lower-case hexadecimal."""


@dataclass(frozen=True)
class ClassCost:
    """One class."""

    flops_per_query: int
    """FLOPs of its upsampler for one query pixel, projection included."""


@dataclass(frozen=True)
class Quality:
    """One measured quality of the bundle."""

    data: str
    """Name of the data set."""
    scale: int
    """Magnification."""
    channel: str
    """`y` or `rgb`."""
    k: Optional[float]
    """The k at which it was measured; None for methods without classes."""
    psnr: float
    """Mean PSNR in dB."""
    ssim: float
    """Mean SSIM."""
    protocol: str
    """How LR was made, what was shaved."""


@dataclass(frozen=True)
class Manifest:
    """The content of `bundle.json`."""

    name: str
    """Name of the model."""
    method: str
    """One of `METHODS`."""
    scale: Union[int, str]
    """The integer magnification it was trained for, or `any`."""
    channels: str
    """One of `CHANNELS`."""
    backbone_flops_per_cell: int
    """FLOPs for one LR pixel: `pcsr`: of the backbone without projections; `plain`: of all;
    `cascade`: of the trunk."""
    receptive_field: int
    """Radius in LR pixels: what a tile needs around it to be exact; `cascade`: a block."""
    activation_floats_per_cell: int
    """Most numbers per LR pixel that one graph holds at one time; it decides tile sizes."""
    precisions: Mapping[str, Mapping[str, GraphFile]]
    """Precision (`fp32`, `fp16`) → graph name (`backbone`, `classifier`, `upsampler_0`…) → file."""
    quality: Tuple[Quality, ...] = ()
    """Measured qualities."""
    provenance: Mapping[str, Any] = field(default_factory=dict)
    """Trained on, recipe, steps, commit, licence."""
    classes: Tuple[ClassCost, ...] = (ClassCost(0),)
    """`pcsr`: one per upsampler, heaviest first; `plain`: one, free, since it has no upsampler;
    `cascade`: light head and deep part, light head alone."""
    classifier_flops_per_query: int = 0
    """FLOPs of the classifier for one query pixel; 0 when there is one class."""
    mean: Tuple[float, float, float] = (0.0, 0.0, 0.0)
    """`pcsr`: RGB mean inside the backbone graph; images are in [0, 1]."""
    std: float = 1.0
    """`pcsr`: divisor inside the backbone graph; residuals are multiplied by it."""
    default_k: float = 0.0
    """The k used when none is asked for; of no meaning where there are no classes."""
    block: int = 0
    """`cascade`: cells along the side of a block, all of whose queries have the same class."""
    margin: int = 0
    """`cascade`: cells around a block that its deep part sees; part of `receptive_field`."""

    @property
    def has_classes(self) -> bool:
        """Whether pixels can get different work: whether k, ADM and classes mean anything."""
        return self.method != "plain"

    @property
    def any_scale(self) -> bool:
        """Whether frames may have another scale than the trained one."""
        return self.method == "pcsr"

    def graph_names(self) -> Tuple[str, ...]:
        """Return the graphs that every precision must hold."""
        if self.method == "plain":
            return ("network",)
        if self.method == "cascade":
            return ("trunk", "deep")
        upsamplers = tuple(f"upsampler_{j}" for j in range(len(self.classes)))
        classifier = ("classifier",) if len(self.classes) > 1 else ()
        return ("backbone", *classifier, *upsamplers)

    def to_json(self) -> str:
        """Return the text of `bundle.json`."""
        data: Dict[str, Any] = {"schema_version": SCHEMA_VERSION}
        data.update(name=self.name, method=self.method, scale=self.scale, channels=self.channels)
        if self.has_classes:
            data["classes"] = [vars(c) for c in self.classes]
        data["backbone_flops_per_cell"] = self.backbone_flops_per_cell
        if self.has_classes:
            data["classifier_flops_per_query"] = self.classifier_flops_per_query
        if self.method == "cascade":
            data.update(block=self.block, margin=self.margin)
        if self.method == "pcsr":
            data["normalisation"] = {"mean": list(self.mean), "std": self.std}
        data["receptive_field"] = self.receptive_field
        data["activation_floats_per_cell"] = self.activation_floats_per_cell
        data["precisions"] = {
            precision: {name: vars(graph) for name, graph in graphs.items()}
            for precision, graphs in self.precisions.items()
        }
        if self.has_classes:
            data["default_k"] = self.default_k
        data["quality"] = [vars(q) for q in self.quality]
        data["provenance"] = dict(self.provenance)
        return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


class _Reader:
    """Takes fields out of parsed JSON and says which one is wrong."""

    def __init__(self, data: Any, origin: str) -> None:
        if not isinstance(data, dict):
            raise BundleError(f"{origin} holds a {type(data).__name__}, expected an object")
        self._data, self._origin = data, origin

    def take(self, name: str, convert: Callable[[Any], T]) -> T:
        if name not in self._data:
            raise BundleError(f"{self._origin} lacks the field {name!r}; export the bundle again")
        return self.convert(name, self._data[name], convert)

    def get(self, name: str, convert: Callable[[Any], T], default: T) -> T:
        return self.convert(name, self._data[name], convert) if name in self._data else default

    def convert(self, name: str, value: Any, convert: Callable[[Any], T]) -> T:
        try:
            return convert(value)
        except (TypeError, ValueError, KeyError, AttributeError) as exc:
            raise BundleError(
                f"{self._origin}: field {name!r} is {value!r:.80}, which is not valid ({exc}); "
                "export the bundle again"
            ) from exc


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError("expected a whole number, 0 or more")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("expected a text")
    return value


def _no_constant(word: str) -> None:
    raise ValueError(f"{word} is no JSON number")


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ValueError("expected a finite number")
    return float(value)


def _channels(value: Any) -> str:
    if value not in CHANNELS:
        raise ValueError(f"expected one of {', '.join(CHANNELS)}")
    return str(value)


def _radius(value: Any) -> int:
    if _whole(value) > MAX_RADIUS:
        raise ValueError(f"expected at most {MAX_RADIUS} LR pixels")
    return int(value)


def _method(value: Any) -> str:
    if value not in METHODS:
        raise ValueError(f"expected one of {', '.join(METHODS)}")
    return str(value)


def _scale(value: Any) -> Union[int, str]:
    if value == "any":
        return "any"
    if _whole(value) < 1:
        raise ValueError("expected a whole number from 1, or 'any'")
    return int(value)


def _trained_scale(value: Any) -> int:
    if _whole(value) < 2:
        raise ValueError("expected a whole number from 2")
    return int(value)


def _normalisation(value: Any) -> Tuple[Tuple[float, float, float], float]:
    red, green, blue = (_number(v) for v in value["mean"])
    std = _number(value["std"])
    if not std > 0:
        raise ValueError("std must be positive")
    return (red, green, blue), std


def _classes(value: Any) -> Tuple[ClassCost, ...]:
    classes = tuple(ClassCost(_whole(c["flops_per_query"])) for c in value)
    if not classes:
        raise ValueError("expected at least one class")
    return classes


def _two_classes(value: Any) -> Tuple[ClassCost, ...]:
    classes = _classes(value)
    if len(classes) != 2:
        raise ValueError("expected two classes")
    return classes


def _block(value: Any) -> int:
    if not 1 <= _whole(value) <= MAX_RADIUS:
        raise ValueError(f"expected 1 to {MAX_RADIUS} LR pixels")
    return int(value)


def _precisions(value: Any) -> Dict[str, Dict[str, GraphFile]]:
    return {
        _text(precision): {
            name: GraphFile(_text(g["file"]), _text(g["sha256"])) for name, g in graphs.items()
        }
        for precision, graphs in value.items()
    }


def _quality(value: Any) -> Tuple[Quality, ...]:
    return tuple(Quality(**entry) for entry in value)


def parse_manifest(text: str, origin: str) -> Manifest:
    """Read the text of a `bundle.json`; `origin` names it in errors.

    Raises:
        BundleError: it is not JSON, of an unknown schema, or a field is missing or wrong.
    """
    try:
        data = json.loads(text, parse_constant=_no_constant)
    except ValueError as exc:
        raise BundleError(f"{origin} is not valid JSON ({exc}); export the bundle again") from exc
    reader = _Reader(data, origin)
    version = reader.take("schema_version", _whole)
    if version != SCHEMA_VERSION:
        raise BundleError(
            f"{origin} has schema version {version}, this release reads {SCHEMA_VERSION}; "
            + ("update pcsr-edge" if version > SCHEMA_VERSION else "export the bundle again")
        )
    method = reader.take("method", _method)
    manifest = Manifest(
        name=reader.take("name", _text),
        method=method,
        scale=reader.take("scale", _scale if method == "pcsr" else _trained_scale),
        channels=reader.take("channels", _channels),
        backbone_flops_per_cell=reader.take("backbone_flops_per_cell", _whole),
        receptive_field=reader.take("receptive_field", _radius),
        activation_floats_per_cell=reader.take("activation_floats_per_cell", _whole),
        precisions=reader.take("precisions", _precisions),
        quality=reader.get("quality", _quality, ()),
        provenance=reader.get("provenance", dict, {}),
        **_method_fields(method, reader),
    )
    _check_graphs(manifest, origin)
    if manifest.margin > manifest.receptive_field:
        raise BundleError(
            f"{origin} has a margin of {manifest.margin} and a receptive_field of only "
            f"{manifest.receptive_field}; export the bundle again"
        )
    return manifest


def _method_fields(method: str, reader: _Reader) -> Dict[str, Any]:
    if method == "plain":
        return {}
    fields: Dict[str, Any] = {
        "classes": reader.take("classes", _classes if method == "pcsr" else _two_classes),
        "classifier_flops_per_query": reader.take("classifier_flops_per_query", _whole),
        "default_k": reader.get("default_k", _number, 0.0),
    }
    if method == "pcsr":
        fields["mean"], fields["std"] = reader.take("normalisation", _normalisation)
    else:
        fields.update(block=reader.take("block", _block), margin=reader.take("margin", _radius))
    return fields


def _check_graphs(manifest: Manifest, origin: str) -> None:
    if "fp32" not in manifest.precisions:
        raise BundleError(f"{origin} names no fp32 graphs; export the bundle again")
    expected = set(manifest.graph_names())
    for precision, graphs in manifest.precisions.items():
        if set(graphs) != expected:
            raise BundleError(
                f"{origin} names the {precision} graphs {', '.join(sorted(graphs)) or 'none'}, "
                f"expected {', '.join(sorted(expected))}; export the bundle again"
            )


def trained_scale(manifest: Manifest) -> Optional[int]:
    """Return the integer scale a bundle was trained for, None where it is `any`."""
    return manifest.scale if isinstance(manifest.scale, int) else None
