"""The fields of a table for patches, as plain data: what each may be, and how they fit.

All functions raise ValueError, which says what is expected.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Mapping, Tuple

from pcsr_edge.runtime.manifest_values import number, one_of, text, whole

SCHEMA_VERSION = 1
COSTS_OF = ("flops", "time")
"""What costs may be."""
OPTIONAL = ("errors", "curve")
"""Fields that are left out where they are empty."""
_FEATURES: Mapping[str, int] = {"arm": 1, "wbsr": 2}
"""Method → numbers that a patch is looked up by."""
_MOST = 1e6
"""Beyond all PSNR, errors, costs and scores; products with any eta stay far from overflow."""

Row = Tuple[float, ...]


def table_values(data: Any) -> Dict[str, Any]:
    """Return what a table is made of, from the content of its file; curve points as tuples."""
    if not isinstance(data, dict) or not _FIELDS <= set(data) <= _FIELDS | set(OPTIONAL):
        raise ValueError(f"expected an object of {', '.join(sorted(_FIELDS))}")
    if _read(data, "schema_version", whole) != SCHEMA_VERSION:
        raise ValueError(f"expected schema version {SCHEMA_VERSION}")
    found = {name: _read(data, name, convert) for name, convert in _CONVERTERS.items()}
    if len(found["direction"]) != _FEATURES[found["method"]]:
        raise ValueError(f"direction has {len(found['direction'])} numbers")
    if found["low"] > found["high"]:
        raise ValueError("low and high are no range")
    if not found["psnr"] or len(found["counts"]) != len(found["psnr"]):
        raise ValueError("counts and psnr differ in length")
    if found["errors"] and len(found["errors"]) != len(found["psnr"]):
        raise ValueError("errors are no squared errors of each category")
    return found


def _read(data: Mapping[str, Any], name: str, convert: Callable[[Any], Any]) -> Any:
    try:
        return convert(data.get(name, []))
    except ValueError as exc:
        raise ValueError(f"{name}: {exc}") from exc


def _number(value: Any) -> float:
    return _numbers([value])[0]


def _numbers(values: Any) -> Row:
    found = tuple(number(value) for value in _list(values))
    if not found or not all(abs(value) <= _MOST for value in found):
        raise ValueError(f"expected finite numbers, of at most {_MOST:g}")
    return found


def _rows(values: Any) -> Tuple[Row, ...]:
    return tuple(_numbers(row) for row in _list(values))


def _counts(values: Any) -> Tuple[int, ...]:
    return tuple(whole(value) for value in _list(values))


def _errors(values: Any) -> Tuple[Row, ...]:
    found = _rows(values)
    if any(min(row) < 0 for row in found):
        raise ValueError("expected squared errors, from 0")
    return found


def _costs(values: Any) -> Row:
    found = _numbers(values)
    if min(found) < 0 or found[0] != 1 or min(found) == max(found):
        raise ValueError("expected shares from 0 of the widest subnet's, which is 1")
    return found


def _point(value: Any) -> Tuple[float, int, float, float]:
    names = ("eta", "categories", "psnr", "cost")
    if set(_object(value)) != set(names):
        raise ValueError(f"expected curve points of {', '.join(names)}")
    eta, psnr, cost = _numbers([value["eta"], value["psnr"], value["cost"]])
    return eta, whole(value["categories"]), psnr, cost


def _curve(values: Any) -> Tuple[Tuple[float, int, float, float], ...]:
    return tuple(_point(value) for value in _list(values))


def _list(value: Any) -> List[Any]:
    if not isinstance(value, list):
        raise ValueError("expected a list")
    return value


def _object(value: Any) -> Dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("expected an object")
    return value


_CONVERTERS: Mapping[str, Callable[[Any], Any]] = {
    "method": one_of(tuple(_FEATURES)),
    "identity": text,
    "direction": _numbers,
    "low": _number,
    "high": _number,
    "psnr": _rows,
    "counts": _counts,
    "costs": _costs,
    "costs_of": one_of(COSTS_OF),
    "source": _object,
    "errors": _errors,
    "curve": _curve,
}
_FIELDS = {"schema_version", *_CONVERTERS} - set(OPTIONAL)
