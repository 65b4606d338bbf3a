"""Reads `bundle.json`: every field is checked, and the error names the one that is wrong."""

from __future__ import annotations

import json
import math
import re
from typing import Any, Callable, Dict, List, Mapping, Sequence, Tuple, TypeVar, Union

from pcsr_edge.errors import BundleError
from pcsr_edge.runtime.manifest import (
    BY_PATCH,
    CHANNELS,
    METHODS,
    SCHEMA_VERSION,
    TRAINED_FOR_ONE,
    ClassCost,
    GraphFile,
    Manifest,
    Quality,
)

MAX_RADIUS = 4096
"""Larger receptive fields are mistakes."""
MAX_CLASSES = 256
"""A class map holds bytes."""
MIN_SUBNETS = 2
"""One, and interpolation."""
MAX_WHOLE = 2**53
"""Whole numbers beyond it are not exact in every reader of JSON."""
MAX_NUMBER = 1e30
"""Numbers beyond it would leave the range of float32."""
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
    version = reader.take("schema_version", _whole)
    if version != SCHEMA_VERSION:
        raise BundleError(
            f"{origin} has schema version {version}, this release reads {SCHEMA_VERSION}; "
            + ("update pcsr-edge" if version > SCHEMA_VERSION else "export the bundle again")
        )
    method = reader.take("method", _one_of(METHODS))
    manifest = Manifest(
        name=reader.take("name", _text),
        method=method,
        scale=reader.take("scale", _trained_scale if method in TRAINED_FOR_ONE else _scale),
        channels=reader.take("channels", _channels(method)),
        backbone_flops_per_cell=reader.take("backbone_flops_per_cell", _whole),
        receptive_field=reader.take("receptive_field", _radius),
        activation_floats_per_cell=reader.take("activation_floats_per_cell", _whole),
        precisions=reader.take("precisions", _precisions),
        quality=reader.get("quality", _qualities, ()),
        provenance=reader.get("provenance", _provenance, {}),
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
            "classes": reader.take("classes", _subnets),
            "patch": reader.take("patch", _block),
            "step": reader.take("step", _block),
            "default_eta": reader.get("default_eta", _eta, 0.0),
        }
    if method not in ("pcsr", "cascade"):
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


# Each of the following returns a value as the manifest holds it, or raises ValueError, which
# says what is expected.


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is no JSON number")


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(f"{digits:.40} is beyond any number")
    return value


def _object(value: Any, names: Sequence[str] = ()) -> Dict[str, Any]:
    """Take an object; with `names`, one of exactly these fields."""
    if not isinstance(value, dict):
        raise ValueError("expected an object")
    if names and set(value) != set(names):
        raise ValueError(f"expected the fields {', '.join(names)}")
    return value


def _list(value: Any) -> List[Any]:
    if not isinstance(value, list):
        raise ValueError("expected a list")
    return value


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_WHOLE:
        raise ValueError(f"expected a whole number from 0 to {MAX_WHOLE}")
    return value


def _positive(value: Any) -> int:
    if _whole(value) < 1:
        raise ValueError("expected a whole number from 1")
    return int(value)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or abs(value) > MAX_NUMBER:
        raise ValueError(f"expected a number, at most {MAX_NUMBER:g}")
    return float(value)


def _text(value: Any) -> str:
    # What cannot be printed could not stand in a message, or would garble a terminal.
    if not isinstance(value, str) or not value or not value.isprintable():
        raise ValueError("expected a text of characters that can be printed")
    return value


def _one_of(words: Sequence[str]) -> Callable[[Any], str]:
    def convert(value: Any) -> str:
        if value not in words:
            raise ValueError(f"expected one of {', '.join(words)}")
        return str(value)

    return convert


def _channels(method: str) -> Callable[[Any], str]:
    return _one_of(("y",) if method == "edge-sr" else ("rgb",))


def _radius(value: Any) -> int:
    if _whole(value) > MAX_RADIUS:
        raise ValueError(f"expected at most {MAX_RADIUS} LR pixels")
    return int(value)


def _scale(value: Any) -> Union[int, str]:
    return "any" if value == "any" else _positive(value)


def _trained_scale(value: Any) -> int:
    if _whole(value) < 2:
        raise ValueError("expected a whole number from 2")
    return int(value)


def _normalisation(value: Any) -> Tuple[Tuple[float, float, float], float]:
    fields = _object(value, ("mean", "std"))
    mean = [_number(v) for v in _list(fields["mean"])]
    if len(mean) != 3:
        raise ValueError("expected three numbers as mean")
    std = _number(fields["std"])
    if not std > 0:
        raise ValueError("std must be positive")
    return (mean[0], mean[1], mean[2]), std


def _classes(value: Any) -> Tuple[ClassCost, ...]:
    # k compares the costs of classes as powers, so that none may be free.
    entries = [_object(entry, ("flops_per_query",)) for entry in _list(value)]
    if not 1 <= len(entries) <= MAX_CLASSES:
        raise ValueError(f"expected 1 to {MAX_CLASSES} classes")
    return tuple(ClassCost(_positive(entry["flops_per_query"])) for entry in entries)


def _subnets(value: Any) -> Tuple[ClassCost, ...]:
    entries = [_object(entry, ("flops_per_query",)) for entry in _list(value)]
    if not MIN_SUBNETS <= len(entries) <= MAX_CLASSES:
        raise ValueError(f"expected {MIN_SUBNETS} to {MAX_CLASSES} classes")
    # The last one is interpolation, which counts as free.
    costs = [_positive(entry["flops_per_query"]) for entry in entries[:-1]]
    return tuple(map(ClassCost, [*costs, _whole(entries[-1]["flops_per_query"])]))


def _eta(value: Any) -> float:
    if _number(value) < 0:
        raise ValueError("expected a number from 0")
    return float(value)


def _two_classes(value: Any) -> Tuple[ClassCost, ...]:
    classes = _classes(value)
    if len(classes) != 2:
        raise ValueError("expected two classes")
    return classes


def _block(value: Any) -> int:
    if _positive(value) > MAX_RADIUS:
        raise ValueError(f"expected at most {MAX_RADIUS} LR pixels")
    return int(value)


def _precisions(value: Any) -> Dict[str, Dict[str, GraphFile]]:
    return {
        _text(precision): {_text(name): _graph_file(g) for name, g in _object(graphs).items()}
        for precision, graphs in _object(value).items()
    }


def _graph_file(value: Any) -> GraphFile:
    fields = _object(value, ("file", "sha256"))
    digest = _text(fields["sha256"])
    if not re.fullmatch("[0-9a-f]{64}", digest):
        raise ValueError("expected 64 hexadecimal digits as sha256")
    return GraphFile(_text(fields["file"]), digest)


def _qualities(value: Any) -> Tuple[Quality, ...]:
    return tuple(_quality(entry) for entry in _list(value))


def _quality(value: Any) -> Quality:
    # Fields that came later, and that most entries lack.
    rare = ("force_class", "eta")
    rest = {name: v for name, v in _object(value).items() if name not in rare}
    entry = _object(rest, ("data", "scale", "channel", "k", "psnr", "ssim", "protocol"))
    forced, eta = value.get("force_class"), value.get("eta")
    return Quality(
        data=_text(entry["data"]),
        scale=_positive(entry["scale"]),
        channel=_one_of(CHANNELS)(entry["channel"]),
        k=None if entry["k"] is None else _number(entry["k"]),
        psnr=_number(entry["psnr"]),
        ssim=_share(entry["ssim"]),
        protocol=_text(entry["protocol"]),
        force_class=None if forced is None else _whole(forced),
        eta=None if eta is None else _eta(eta),
    )


def _share(value: Any) -> float:
    if abs(_number(value)) > 1:
        raise ValueError("expected a number from -1 to 1")
    return float(value)


def _provenance(value: Any) -> Mapping[str, Any]:
    # Half of a surrogate pair, which JSON can spell, could not be written anywhere.
    json.dumps(_object(value), ensure_ascii=False).encode("utf-8")
    return dict(value)
