"""A choice among measurements: filtered, sorted, with the models that no other one beats."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace
from typing import (
    Any,
    Callable,
    Dict,
    FrozenSet,
    Iterable,
    List,
    Mapping,
    Optional,
    Sequence,
    Tuple,
)

from pcsr_edge.errors import UsageError
from pcsr_edge.runtime.published.measurements import (
    DATA_SETS,
    DEVICES,
    Measurement,
    measurements,
)

ORDERS = ("psnr", "fps", "power", "parameters", "model")
"""Best first: most dB, most FPS, least power, fewest parameters, alphabetically."""


@dataclass(frozen=True)
class Selection:
    """What is wanted; empty means all."""

    devices: Tuple[str, ...] = ()
    """Keys of `DEVICES`."""
    scales: Tuple[int, ...] = ()
    """Magnifications."""
    families: Tuple[str, ...] = ()
    """As in model ids, e.g. `eSR-TM`; upper and lower case are the same."""
    min_fps: float = 0.0
    """Least Full-HD pictures in a second."""
    data: str = "Set5"
    """Data set whose PSNR counts."""
    pareto: bool = False
    """Keep the models alone that no other one beats in both speed and PSNR."""
    order: str = "psnr"
    """One of `ORDERS`."""


@dataclass(frozen=True)
class Group:
    """The models of one device and scale."""

    device: str
    scale: int
    rows: Tuple[Measurement, ...]
    """In the order that was asked for."""
    best: FrozenSet[str]
    """Ids of the models that no other one beats, of all that were not filtered out."""

    def first(self, count: int) -> Group:
        """Return the group cut off after `count` rows."""
        return replace(self, rows=self.rows[:count])


def pareto(rows: Iterable[Measurement], data: str) -> FrozenSet[str]:
    """Return the ids of rows that none beats: every faster one has less PSNR on `data`."""
    best: List[str] = []
    psnr = float("-inf")
    for row in sorted(rows, key=lambda row: (-row.fps, -row.psnr[data])):
        if row.psnr[data] > psnr:
            psnr = row.psnr[data]
            best.append(row.model)
    return frozenset(best)


def select(wanted: Selection) -> List[Group]:
    """Return the groups in the order of `DEVICES`, then by scale; none is empty.

    Raises:
        UsageError: a device, scale, family, data set or order is not known.
    """
    table = measurements()
    _check(wanted, table)
    families = {family.lower() for family in wanted.families}
    groups: Dict[Tuple[str, int], List[Measurement]] = {}
    for row in table:
        if (
            (not wanted.devices or row.device in wanted.devices)
            and (not wanted.scales or row.scale in wanted.scales)
            and (not families or row.family.lower() in families)
            and row.fps >= wanted.min_fps
        ):
            groups.setdefault((row.device, row.scale), []).append(row)
    return [_group(wanted, device, scale, rows) for (device, scale), rows in groups.items()]


def _group(wanted: Selection, device: str, scale: int, rows: List[Measurement]) -> Group:
    best = pareto(rows, wanted.data)
    kept = [row for row in rows if row.model in best] if wanted.pareto else rows
    key = _keys(wanted.data)[wanted.order]
    return Group(device, scale, tuple(sorted(kept, key=key)), best)


def _keys(data: str) -> Mapping[str, Callable[[Measurement], Any]]:
    """Return order → sort key; models that tie are sorted by the other of speed and PSNR."""
    return {
        "psnr": lambda row: (-row.psnr[data], -row.fps, row.model),
        "fps": lambda row: (-row.fps, -row.psnr[data], row.model),
        "power": lambda row: (row.power_mw or 0, -row.psnr[data], row.model),
        "parameters": lambda row: (row.parameters, -row.psnr[data], row.model),
        "model": lambda row: row.model,
    }


def _check(wanted: Selection, table: Sequence[Measurement]) -> None:
    for device in wanted.devices:
        _check_name("device", device, tuple(DEVICES))
    families = tuple(dict.fromkeys(row.family for row in table))
    for family in wanted.families:
        _check_name("family", family, families)
    _check_name("data set", wanted.data, DATA_SETS)
    _check_name("order", wanted.order, ORDERS)
    scales = sorted({row.scale for row in table})
    for scale in wanted.scales:
        if scale not in scales:
            raise UsageError(
                f"scale {scale} is not among the published measurements; "
                f"they have {', '.join(map(str, scales))}"
            )
    if wanted.order == "power" and wanted.devices != ("agx",):
        raise UsageError("power was published for agx alone; take --device agx to sort by it")


def _check_name(kind: str, name: str, known: Sequence[str]) -> None:
    spellings = {entry.lower(): entry for entry in known}
    if name in known or (kind == "family" and name.lower() in spellings):
        return
    near: Optional[str] = next(
        iter(difflib.get_close_matches(name.lower(), spellings, n=1, cutoff=0.5)), None
    )
    hint = f"did you mean {spellings[near]}?" if near else f"known are {', '.join(known)}"
    raise UsageError(f"no {kind} {name!r} among the published measurements; {hint}")
