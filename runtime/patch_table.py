"""The table that gives a patch its subnet: what to expect by difficulty and class.

ARM's Edge-to-PSNR table and WBSR's gradient map are the same kind of table; they differ in what a
patch is looked up by (`patch_scores.py`), and, where the table has no errors, in how PSNR and
cost are held against each other.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, Dict, Mapping, NamedTuple, Tuple

import numpy as np
import numpy.typing as npt

from pcsr_edge.errors import BundleError
from pcsr_edge.runtime.bundle import Bundle
from pcsr_edge.runtime.manifest import Manifest
from pcsr_edge.runtime.patch_choice import (
    Choices,
    Counts,
    Steps,
    best_for_frame,
    paying,
    steps_by_gain,
    steps_by_loss,
    within_share,
)
from pcsr_edge.runtime.patch_table_values import OPTIONAL, SCHEMA_VERSION, table_values
from pcsr_edge.runtime.work_share import class_works

FILES: Mapping[str, str] = {"arm": "edge_psnr.json", "wbsr": "gradient_map.json"}
"""Method → the table's file in a bundle."""
COMMANDS: Mapping[str, str] = {"arm": "edge-psnr", "wbsr": "gradient-map"}
"""Method → the kind of calibration that makes the table."""


class CurvePoint(NamedTuple):
    """What a number of categories leads to; measured on other patches than it was made from."""

    eta: float
    categories: int
    psnr: float
    """Mean over pictures, dB (RGB)."""
    cost: float
    """Mean over pictures, as a share of the widest subnet's."""


@dataclass(frozen=True)
class PatchTable:
    """PSNR and squared error of patches by category and class."""

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
    """Calibration patches of each category; one without any has the PSNR of the nearest ones, and
    one with few the errors of more patches than its own."""
    costs: Tuple[float, ...]
    """Of a patch by class, as a share of the widest subnet's; interpolation by FLOPs is free."""
    costs_of: str
    """`flops` or `time`."""
    source: Mapping[str, Any]
    """Where it comes from: images, patches, and the device where costs are times."""
    errors: Tuple[Tuple[float, ...], ...] = ()
    """Mean squared error (RGB, of values 0…255) of the patches' cores, by category and class, as
    `psnr`. Of them a frame's PSNR is made, which the mean of its patches' PSNR is not. Empty:
    classes are chosen as in the articles."""
    curve: Tuple[CurvePoint, ...] = ()
    """`wbsr`: PSNR and cost over the number of categories."""

    def categories(self, scores: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        """Return the category of each patch from its scores (…, features)."""
        difficulty = scores @ np.asarray(self.direction)
        width = (self.high - self.low) / len(self.psnr)
        place = np.floor((difficulty - self.low) / width) if width > 0 else 0 * difficulty
        return np.asarray(np.clip(place, 0, len(self.psnr) - 1), dtype=np.int64)

    def choices(self, eta: float, counts: Counts) -> Choices:
        """Return the class of each category in a frame.

        With errors: what makes eta times the frame's PSNR less the mean cost of its patches
        greatest, so that eta is the cost that a dB of the frame is worth. Without, as in the
        articles, each category by itself: `arm` argmax_j eta·PSNR_j - cost_j (section 3.3, with
        costs as shares), `wbsr` the cheapest class whose PSNR is at most 1/eta dB below the best.
        Of equally good ones the cheaper; eta = 0 gives the cheapest.

        Args:
            eta: from 0.
            counts: patches of the frame in each category, one at least.
        """
        if self.errors:
            errors, costs = np.asarray(self.errors), np.asarray(self.costs)
            return self._steps.choices(best_for_frame(self._steps, errors, costs, counts, eta))
        return self._steps.choices(paying(self._steps, eta))

    def choices_for_work(self, counts: Counts, share: float) -> Choices:
        """Return the class of each category so that the mean cost of patches is at most `share`.

        Args:
            counts: patches of the frame in each category, one at least.
            share: of the widest subnet's cost, 0 to 1; below the cheapest class, that is taken.
        """
        costs = np.asarray(self.costs)
        return self._steps.choices(within_share(self._steps, costs, counts, share))

    def priced(self, prices: Tuple[float, ...]) -> PatchTable:
        """Return this table with other costs: 0 for the cheapest class, 1 for the widest subnet.

        Args:
            prices: by class, in any unit, falling; the last below the first.
        """
        if prices not in self._priced:
            costs = tuple(class_works(prices).tolist())
            self._priced.clear()
            self._priced[prices] = replace(self, costs=costs, costs_of="time")
        return self._priced[prices]

    @cached_property
    def _priced(self) -> Dict[Tuple[float, ...], PatchTable]:
        """The last one: frames follow each other."""
        return {}

    @cached_property
    def _steps(self) -> Steps:
        costs = np.asarray(self.costs)
        if self.errors:
            return steps_by_gain(-np.asarray(self.errors), costs)
        by = steps_by_gain if self.method == "arm" else steps_by_loss
        return by(np.asarray(self.psnr), costs)

    def to_dict(self) -> Dict[str, Any]:
        """Return plain data; errors and curve are left out where there are none."""
        data = {name: getattr(self, name) for name in (each.name for each in fields(self))}
        data["curve"] = [point._asdict() for point in self.curve]
        return {name: v for name, v in data.items() if name not in OPTIONAL or v}

    def to_json(self) -> str:
        """Return the text of the table's file.

        Raises:
            ValueError: a number is not finite.
        """
        data: Dict[str, Any] = {"schema_version": SCHEMA_VERSION, **self.to_dict()}
        return json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def graphs_identity(manifest: Manifest) -> str:
    """Return a hash that tells bundles with other float32 graphs apart."""
    graphs = manifest.precisions["fp32"]
    parts = [f"{name} {graphs[name].sha256}" for name in sorted(graphs)]
    parts.append(f"{manifest.patch} {manifest.step}")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


def table_hash(bundle: Bundle) -> str:
    """Return the SHA-256 of a bundle's table; an empty text where there is none to be read."""
    name = FILES.get(bundle.manifest.method)
    try:
        return hashlib.sha256((bundle.folder / name).read_bytes()).hexdigest() if name else ""
    except OSError:
        return ""


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
    try:
        table = parse_table(text)
    except ValueError as exc:
        raise BundleError(f"{path} is no valid table ({exc}); {mend}") from exc
    if table.method != method or table.identity != graphs_identity(bundle.manifest):
        raise BundleError(
            f"{path} was made for another bundle (method {table.method}, graphs "
            f"{table.identity}); {mend}"
        )
    classes = len(bundle.manifest.classes)
    if any(len(row) != classes for row in (*table.psnr, *table.errors, table.costs)):
        raise BundleError(f"{path} is not for {classes} classes, which the bundle has; {mend}")
    return table


def parse_table(text: str) -> PatchTable:
    """Return the table that is written in a file's text.

    Raises:
        ValueError: it is none.
    """
    try:
        values = table_values(json.loads(text))
    except RecursionError as exc:
        raise ValueError(str(exc)) from exc
    curve = tuple(CurvePoint(*point) for point in values.pop("curve"))
    return PatchTable(**values, curve=curve)
