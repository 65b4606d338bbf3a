"""Signatures as pybind prints them, and calls held against them."""

from __future__ import annotations

from typing import Any, Dict, List, NamedTuple, Optional, Sequence

import numpy as np


class Parameter(NamedTuple):
    """One parameter behind `self`."""

    name: str
    type: str
    required: bool


def parse_signature(text: str) -> List[Parameter]:
    """Read `name(self: C, a: T = default) -> R`; `self` is left out."""
    inside = text[text.index("(") + 1 : text.rindex(")")]
    found = []
    # No type of what we use holds a comma.
    for part in inside.split(", ")[1:]:
        name, _, rest = part.partition(": ")
        kind, _, default = rest.partition(" = ")
        found.append(Parameter(name, kind.rpartition("::")[2], default == ""))
    return found


def bind(
    overloads: Sequence[str], args: Sequence[Any], named: Dict[str, Any], kinds: Dict[str, Any]
) -> None:
    """Make sure that one overload takes a call.

    Args:
        overloads: as pybind prints them.
        args: behind `self`.
        named: keyword arguments.
        kinds: name of a type in signatures → the class that stands for it.

    Raises:
        TypeError: none does.
    """
    for text in overloads:
        if _fits(parse_signature(text), args, named, kinds):
            return
    raise TypeError(
        f"incompatible function arguments: {args!r} {named!r}; supported: {'; '.join(overloads)}"
    )


def _fits(
    parameters: List[Parameter], args: Sequence[Any], named: Dict[str, Any], kinds: Dict[str, Any]
) -> bool:
    given = {**dict(zip((p.name for p in parameters), args)), **named}
    known = {p.name for p in parameters}
    return (
        len(args) <= len(parameters)
        and set(given) <= known
        and all(p.name in given for p in parameters if p.required)
        and all(_is(given[p.name], p.type, kinds) for p in parameters if p.name in given)
    )


def _is(value: Any, kind: str, kinds: Dict[str, Any]) -> bool:
    if kind in ("int", "typing.SupportsInt"):
        # NumPy's integers are not taken by every version.
        return type(value) is int
    if kind in ("Dims", "tuple"):
        return type(value) is tuple and all(type(size) is int for size in value)
    plain: Optional[type] = {"str": str, "bool": bool, "list": list}.get(kind)
    if plain is not None:
        return type(value) is plain
    if kind in ("buffer", "typing_extensions.Buffer"):
        return isinstance(value, (bytes, bytearray, memoryview, np.ndarray))
    return kind in kinds and isinstance(value, kinds[kind])
