"""The table that gives a patch its subnet: expected PSNR by difficulty and class.

ARM's Edge-to-PSNR table and WBSR's gradient map are the same kind of table; they differ in what a
patch is looked up by (`patch_scores.py`) and in how PSNR and cost are held against each other.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Mapping, Tuple

import numpy as np
import numpy.typing as npt

from pcsr_edge.errors import BundleError
from pcsr_edge.runtime.bundle import Bundle
from pcsr_edge.runtime.manifest import Manifest

FILES: Mapping[str, str] = {"arm": "edge_psnr.json", "wbsr": "gradient_map.json"}
"""Method → the table's file in a bundle."""
COMMANDS: Mapping[str, str] = {"arm": "edge-psnr", "wbsr": "gradient-map"}
"""Method → the kind of calibration that makes the table."""
SCHEMA_VERSION = 1
COSTS_OF = ("flops", "time")
"""What costs may be."""
LEAST_ETA, MOST_ETA = 1e-6, 1e9
"""Between them the eta of a share of work is looked for; beyond them nothing changes."""
_STEPS = 60
_MOST = 1e6
"""Beyond all PSNR, costs and scores; products with any eta stay far from overflow."""
Choices = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class PatchTable:
    """Mean PSNR of patches by category and class."""

    method: str
    """`arm` or `wbsr`."""
    identity: str
    """Of the graphs whose results were measured: `graphs_identity`."""
    direction: Tuple[float, ...]
    """Scores of a patch are projected onto it; their sum of products is its difficulty."""
    low: float
    """Difficulty at which category 0 begins."""
    high: float
    """Difficulty at which the last category ends; categories are equally wide."""
    psnr: Tuple[Tuple[float, ...], ...]
    """dB, by category and class."""
    counts: Tuple[int, ...]
    """Calibration patches of each category; one without any has its nearest neighbour's PSNR."""
    costs: Tuple[float, ...]
    """Of a patch by class, as a share of the widest subnet's; interpolation by FLOPs is free."""
    costs_of: str
    """One of `COSTS_OF`."""
    source: Mapping[str, Any]
    """Where it comes from: images, patches, and the device where costs are times."""

    def categories(self, scores: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        """Return the category of each patch from its scores (…, features)."""
        difficulty = scores @ np.asarray(self.direction)
        width = (self.high - self.low) / len(self.psnr)
        place = np.floor((difficulty - self.low) / width) if width > 0 else 0 * difficulty
        return np.asarray(np.clip(place, 0, len(self.psnr) - 1), dtype=np.int64)

    def choices(self, eta: float) -> Choices:
        """Return the class of each category.

        `arm`: argmax_j eta·PSNR_j - cost_j (ARM, section 3.3, with costs as shares, so that eta
        is the cost that a dB is worth). `wbsr`: the cheapest class whose PSNR is at most 1/eta dB
        below the best. Of equally good ones the cheaper; eta = 0 gives the cheapest.
        """
        psnr, costs = np.asarray(self.psnr), np.asarray(self.costs)
        order = np.argsort(costs, kind="stable")
        if self.method == "arm":
            best = np.argmax((min(eta, MOST_ETA) * psnr - costs)[:, order], axis=1)
        else:
            loss = psnr.max(axis=1, keepdims=True) - psnr
            allowed = 1 / eta if eta > 0 else math.inf
            best = np.argmax((loss <= allowed)[:, order], axis=1)
        return np.asarray(order[best].astype(np.uint8))

    def choices_for_work(self, counts: npt.NDArray[np.int64], share: float) -> Choices:
        """Return the class of each category so that the mean cost of patches is at most `share`.

        Args:
            counts: patches of the frame in each category.
            share: of the widest subnet's cost, 0 to 1; below the cheapest class, that is taken.
        """
        low, high = math.log(LEAST_ETA), math.log(MOST_ETA)
        best = self.choices(0.0)
        for _ in range(_STEPS):
            middle = (low + high) / 2
            found = self.choices(math.exp(middle))
            if float(counts @ np.asarray(self.costs)[found]) <= share * counts.sum():
                low, best = middle, found
            else:
                high = middle
        return best

    def to_json(self) -> str:
        """Return the text of the table's file."""
        data: Dict[str, Any] = {"schema_version": SCHEMA_VERSION, **vars(self)}
        return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def graphs_identity(manifest: Manifest) -> str:
    """Return a hash that tells bundles with other float32 graphs apart."""
    graphs = manifest.precisions["fp32"]
    parts = [f"{name} {graphs[name].sha256}" for name in sorted(graphs)]
    parts.append(f"{manifest.patch} {manifest.step}")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


def load_table(bundle: Bundle) -> PatchTable:
    """Read the table of a bundle.

    Raises:
        BundleError: there is none, it is damaged, or it belongs to another bundle.
    """
    method = bundle.manifest.method
    path = bundle.folder / FILES[method]
    mend = f"pcsr-edge calibrate {COMMANDS[method]} {bundle.folder} --images FOLDER makes one"
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as exc:
        raise BundleError(
            f"bundle {bundle.folder} has no {FILES[method]}, which says which patch takes which "
            f"subnet; {mend}"
        ) from exc
    except (OSError, UnicodeDecodeError) as exc:
        raise BundleError(f"{path} cannot be read ({exc}); {mend}") from exc
    table = _parsed(text, path, mend)
    if table.method != method or table.identity != graphs_identity(bundle.manifest):
        raise BundleError(
            f"{path} was made for another bundle (method {table.method}, graphs "
            f"{table.identity}); {mend}"
        )
    classes = len(bundle.manifest.classes)
    if any(len(row) != classes for row in (*table.psnr, table.costs)):
        raise BundleError(f"{path} is not for {classes} classes, which the bundle has; {mend}")
    return table


def _parsed(text: str, path: Path, mend: str) -> PatchTable:
    try:
        data = json.loads(text)
        if data.pop("schema_version") != SCHEMA_VERSION:
            raise ValueError(f"expected schema version {SCHEMA_VERSION}")
        low, high = _numbers((data["low"], data["high"]))
        data.update(
            low=low,
            high=high,
            direction=_numbers(data["direction"]),
            psnr=tuple(_numbers(row) for row in data["psnr"]),
            counts=tuple(int(count) for count in data["counts"]),
            costs=_numbers(data["costs"]),
        )
        table = PatchTable(**data)
        _check(table)
        return table
    except (
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        ArithmeticError,
        RecursionError,
    ) as exc:
        raise BundleError(f"{path} is no valid table ({exc}); {mend}") from exc


def _numbers(values: Any) -> Tuple[float, ...]:
    found: List[float] = [float(value) for value in values]
    if not found or not all(abs(value) <= _MOST for value in found):
        raise ValueError(f"expected finite numbers, of at most {_MOST:g}")
    return tuple(found)


def _check(table: PatchTable) -> None:
    """Hold the parts of a table against each other.

    Raises:
        ValueError: they do not fit.
    """
    if table.method not in FILES:
        raise ValueError(f"method {table.method!r} has no table")
    if len(table.direction) != {"arm": 1, "wbsr": 2}[table.method]:
        raise ValueError(f"direction has {len(table.direction)} numbers")
    if not table.psnr or len(table.counts) != len(table.psnr):
        raise ValueError("counts and psnr differ in length")
    if table.low > table.high:
        raise ValueError("low and high are no range")
    if min(table.costs) < 0 or table.costs_of not in COSTS_OF:
        raise ValueError("costs are not shares from 0")
