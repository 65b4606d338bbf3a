"""Reads `bundle.json`: every field is checked, and the error names the one that is wrong."""

from __future__ import annotations

import json
import math
from typing import Any, Callable, Dict, TypeVar

from pcsr_edge.errors import BundleError
from pcsr_edge.runtime import manifest_values as values
from pcsr_edge.runtime.manifest import (
    BLENDS,
    BY_PATCH,
    METHODS,
    SCHEMA_VERSION,
    TRAINED_FOR_ONE,
    Manifest,
)

T = TypeVar("T")


def parse_manifest(text: str, origin: str) -> Manifest:
    """Read the text of a `bundle.json`; `origin` names it in errors.

    Raises:
        BundleError: it is not JSON, of an unknown schema, or a field is missing or wrong.
    """
    try:
        return _manifest(_Reader(_parsed(text, origin), origin), origin)
    except RecursionError as exc:
        raise BundleError(f"{origin} is nested too deeply; export the bundle again") from exc


def _parsed(text: str, origin: str) -> Any:
    try:
        return json.loads(text, parse_constant=_no_number, parse_float=_finite)
    except ValueError as exc:
        raise BundleError(f"{origin} is not valid JSON ({exc}); export the bundle again") from exc


def _manifest(reader: _Reader, origin: str) -> Manifest:
    version = reader.take("schema_version", values.whole)
    if version != SCHEMA_VERSION:
        raise BundleError(
            f"{origin} has schema version {version}, this release reads {SCHEMA_VERSION}; "
            + ("update pcsr-edge" if version > SCHEMA_VERSION else "export the bundle again")
        )
    method = reader.take("method", values.one_of(METHODS))
    manifest = Manifest(
        name=reader.take("name", values.text),
        method=method,
        scale=reader.take(
            "scale", values.trained_scale if method in TRAINED_FOR_ONE else values.scale
        ),
        channels=reader.take("channels", values.channels(method)),
        backbone_flops_per_cell=reader.take("backbone_flops_per_cell", values.whole),
        receptive_field=reader.take("receptive_field", values.radius),
        activation_floats_per_cell=reader.take("activation_floats_per_cell", values.whole),
        precisions=reader.take("precisions", values.precisions),
        quality=reader.get("quality", values.qualities, ()),
        provenance=reader.get("provenance", values.provenance, {}),
        **_method_fields(method, reader),
    )
    _check_graphs(manifest, origin)
    if manifest.step > manifest.patch:
        raise BundleError(
            f"{origin} has a step of {manifest.step} and a patch of only {manifest.patch}; export "
            "the bundle again"
        )
    if manifest.margin > manifest.receptive_field:
        raise BundleError(
            f"{origin} has a margin of {manifest.margin} and a receptive_field of only "
            f"{manifest.receptive_field}; export the bundle again"
        )
    return manifest


def _method_fields(method: str, reader: _Reader) -> Dict[str, Any]:
    if method in BY_PATCH:
        return {
            "classes": reader.take("classes", values.subnets),
            "patch": reader.take("patch", values.block),
            "step": reader.take("step", values.block),
            "blend": reader.get("blend", values.one_of(BLENDS), "mean"),
            "default_eta": reader.get("default_eta", values.eta, 0.0),
        }
    if method not in ("pcsr", "cascade"):
        return {}
    fields: Dict[str, Any] = {
        "classes": reader.take(
            "classes", values.classes if method == "pcsr" else values.two_classes
        ),
        "classifier_flops_per_query": reader.take("classifier_flops_per_query", values.whole),
        "default_k": reader.get("default_k", values.number, 0.0),
    }
    if method == "pcsr":
        fields["mean"], fields["std"] = reader.take("normalisation", values.normalisation)
    else:
        fields.update(
            block=reader.take("block", values.block), margin=reader.take("margin", values.radius)
        )
    return fields


def _check_graphs(manifest: Manifest, origin: str) -> None:
    if "fp32" not in manifest.precisions:
        raise BundleError(f"{origin} names no fp32 graphs; export the bundle again")
    expected = set(manifest.graph_names())
    if manifest.has_dense_graphs:
        expected.update(manifest.dense_graph_names())
    for precision, graphs in manifest.precisions.items():
        if set(graphs) != expected:
            raise BundleError(
                f"{origin} names the {precision} graphs {', '.join(sorted(graphs)) or 'none'}, "
                f"expected {', '.join(sorted(expected))}; export the bundle again"
            )


class _Reader:
    """Takes fields out of parsed JSON and says which one is wrong."""

    def __init__(self, data: Any, origin: str) -> None:
        if not isinstance(data, dict):
            raise BundleError(f"{origin} holds a {type(data).__name__}, expected an object")
        self._data, self._origin = data, origin

    def take(self, name: str, convert: Callable[[Any], T]) -> T:
        if name not in self._data:
            raise BundleError(f"{self._origin} lacks the field {name!r}; export the bundle again")
        value = self._data[name]
        try:
            return convert(value)
        except ValueError as exc:
            raise BundleError(
                f"{self._origin}: field {name!r} is {value!r:.80}, which is not valid ({exc}); "
                "export the bundle again"
            ) from exc

    def get(self, name: str, convert: Callable[[Any], T], default: T) -> T:
        return self.take(name, convert) if name in self._data else default


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is no JSON number")


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(f"{digits:.40} is beyond any number")
    return value
