"""The fields of `bundle.json`, one by one.

Each function returns a value as the manifest holds it, or raises ValueError, which says what is
expected.
"""

from __future__ import annotations

import json
import re
from typing import Any, Callable, Dict, List, Mapping, Sequence, Tuple, Union

from pcsr_edge.runtime.manifest import CHANNELS, ClassCost, GraphFile, Quality

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


def whole(value: Any) -> int:
    """Read a whole number from 0."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_WHOLE:
        raise ValueError(f"expected a whole number from 0 to {MAX_WHOLE}")
    return value


def _positive(value: Any) -> int:
    if whole(value) < 1:
        raise ValueError("expected a whole number from 1")
    return int(value)


def number(value: Any) -> float:
    """Read a number."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or abs(value) > MAX_NUMBER:
        raise ValueError(f"expected a number, at most {MAX_NUMBER:g}")
    return float(value)


def text(value: Any) -> str:
    """Read a text that is not empty."""
    # What cannot be printed could not stand in a message, or would garble a terminal.
    if not isinstance(value, str) or not value or not value.isprintable():
        raise ValueError("expected a text of characters that can be printed")
    return value


def one_of(words: Sequence[str]) -> Callable[[Any], str]:
    """Return what reads one of some words."""

    def convert(value: Any) -> str:
        if value not in words:
            raise ValueError(f"expected one of {', '.join(words)}")
        return str(value)

    return convert


def channels(method: str) -> Callable[[Any], str]:
    """Return what reads the channels of a method."""
    return one_of(("y",) if method == "edge-sr" else ("rgb",))


def radius(value: Any) -> int:
    """Read a receptive radius in LR pixels."""
    if whole(value) > MAX_RADIUS:
        raise ValueError(f"expected at most {MAX_RADIUS} LR pixels")
    return int(value)


def scale(value: Any) -> Union[int, str]:
    """Read a magnification, or `any`."""
    return "any" if value == "any" else _positive(value)


def trained_scale(value: Any) -> int:
    """Read the magnification of a network that has one."""
    if whole(value) < 2:
        raise ValueError("expected a whole number from 2")
    return int(value)


def normalisation(value: Any) -> Tuple[Tuple[float, float, float], float]:
    """Read mean and deviation of the colours."""
    fields = _object(value, ("mean", "std"))
    mean = [number(v) for v in _list(fields["mean"])]
    if len(mean) != 3:
        raise ValueError("expected three numbers as mean")
    std = number(fields["std"])
    if not std > 0:
        raise ValueError("std must be positive")
    return (mean[0], mean[1], mean[2]), std


def classes(value: Any) -> Tuple[ClassCost, ...]:
    """Read the costs of the classes."""
    # k compares the costs of classes as powers, so that none may be free.
    entries = [_object(entry, ("flops_per_query",)) for entry in _list(value)]
    if not 1 <= len(entries) <= MAX_CLASSES:
        raise ValueError(f"expected 1 to {MAX_CLASSES} classes")
    return tuple(ClassCost(_positive(entry["flops_per_query"])) for entry in entries)


def subnets(value: Any) -> Tuple[ClassCost, ...]:
    """Read the costs of the subnets and of interpolation."""
    entries = [_object(entry, ("flops_per_query",)) for entry in _list(value)]
    if not MIN_SUBNETS <= len(entries) <= MAX_CLASSES:
        raise ValueError(f"expected {MIN_SUBNETS} to {MAX_CLASSES} classes")
    # The last one is interpolation, which counts as free.
    costs = [_positive(entry["flops_per_query"]) for entry in entries[:-1]]
    return tuple(map(ClassCost, [*costs, whole(entries[-1]["flops_per_query"])]))


def eta(value: Any) -> float:
    """Read what a dB is worth."""
    if number(value) < 0:
        raise ValueError("expected a number from 0")
    return float(value)


def two_classes(value: Any) -> Tuple[ClassCost, ...]:
    """Read the costs of a heavy and a light class."""
    costs = classes(value)
    if len(costs) != 2:
        raise ValueError("expected two classes")
    return costs


def block(value: Any) -> int:
    """Read a side in LR pixels."""
    if _positive(value) > MAX_RADIUS:
        raise ValueError(f"expected at most {MAX_RADIUS} LR pixels")
    return int(value)


def precisions(value: Any) -> Dict[str, Dict[str, GraphFile]]:
    """Read precision → graph → file."""
    return {
        text(precision): {text(name): _graph_file(g) for name, g in _object(graphs).items()}
        for precision, graphs in _object(value).items()
    }


def _graph_file(value: Any) -> GraphFile:
    fields = _object(value, ("file", "sha256"))
    digest = text(fields["sha256"])
    if not re.fullmatch("[0-9a-f]{64}", digest):
        raise ValueError("expected 64 hexadecimal digits as sha256")
    return GraphFile(text(fields["file"]), digest)


def qualities(value: Any) -> Tuple[Quality, ...]:
    """Read what was measured."""
    return tuple(_quality(entry) for entry in _list(value))


def _quality(value: Any) -> Quality:
    # Fields that came later, and that most entries lack.
    rare = ("force_class", "eta")
    rest = {name: v for name, v in _object(value).items() if name not in rare}
    entry = _object(rest, ("data", "scale", "channel", "k", "psnr", "ssim", "protocol"))
    forced, measured_at = value.get("force_class"), value.get("eta")
    return Quality(
        data=text(entry["data"]),
        scale=_positive(entry["scale"]),
        channel=one_of(CHANNELS)(entry["channel"]),
        k=None if entry["k"] is None else number(entry["k"]),
        psnr=number(entry["psnr"]),
        ssim=_share(entry["ssim"]),
        protocol=text(entry["protocol"]),
        force_class=None if forced is None else whole(forced),
        eta=None if measured_at is None else eta(measured_at),
    )


def _share(value: Any) -> float:
    if abs(number(value)) > 1:
        raise ValueError("expected a number from -1 to 1")
    return float(value)


def provenance(value: Any) -> Mapping[str, Any]:
    """Read where the network comes from: any object."""
    # Half of a surrogate pair, which JSON can spell, could not be written anywhere.
    json.dumps(_object(value), ensure_ascii=False).encode("utf-8")
    return dict(value)
