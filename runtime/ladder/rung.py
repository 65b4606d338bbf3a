"""A rung: one model at one setting, and how good it was measured to be."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Any, Dict, List, Optional, Tuple

from pcsr_edge.errors import UsageError
from pcsr_edge.runtime.bundle import Bundle, load_bundle, shipped_bundles
from pcsr_edge.runtime.manifest import Quality
from pcsr_edge.runtime.patch_table import table_hash

BICUBIC = "bicubic"
"""The bundle of the last rung: it needs no engine."""
DATA, CHANNEL = "Set5", "y"
"""The data set and channel by which rungs are ordered."""


@dataclass(frozen=True)
class Rung:
    """A model and the options that it is run with."""

    model: str
    """Name of a shipped bundle."""
    psnr: Optional[float] = None
    """dB on Set5, Y, at the rung's scale; None for bicubic at a scale where it was not measured."""
    k: Optional[float] = None
    """Cost exponent, for a model with classes."""
    force_class: Optional[int] = None
    """The class of every pixel, for a model with classes."""
    work: Optional[float] = None
    """Mean work of a pixel, 0 to 1, for a model with classes: time budgets of video ask for it."""
    scale: float = 4
    """Magnification."""
    precision: str = "fp32"
    """Of the graphs."""
    eta: Optional[float] = None
    """What a dB is worth, for a model that chooses by patch."""
    halo: bool = False
    """Whether patches see what lies around them, for such a model."""
    prices: Optional[Tuple[float, ...]] = None
    """With `work`: what its classes cost on this machine; None counts FLOPs."""
    identity: str = ""
    """Hash of what the time depends on beside the machine and the picture."""

    @property
    def name(self) -> str:
        """Model and setting, e.g. `pcsr-fsrcnn-x4 k=0.5`; settings as `evaluate` names them."""
        if self.force_class is not None:
            return f"{self.model} class {self.force_class}"
        if self.work is not None:
            return f"{self.model} {100 * self.work:g}% heavy"
        if self.eta is not None:
            return f"{self.model} eta={self.eta:g}"
        return self.model if self.k is None else f"{self.model} k={self.k:g}"

    def options(self) -> Dict[str, Any]:
        """Return the arguments of `Upscaler.run` that make the rung, but for the scale."""
        chosen = {
            "k": self.k,
            "force_class": self.force_class,
            "work": self.work,
            "prices": self.prices,
            "eta": self.eta,
        }
        found: Dict[str, Any] = {n: value for n, value in chosen.items() if value is not None}
        return {**found, "halo": True} if self.halo else found


def rungs_for(scale: float, precision: str) -> List[Rung]:
    """Return the rungs of a scale from the shipped bundles, best first; the last is bicubic.

    A setting that was not measured at the scale is no rung: nothing would say where it belongs.
    Neither is one that bicubic beats, nor a bundle without the precision.

    Raises:
        BundleError: the manifest of a shipped bundle is damaged.
        UsageError: none of those for the scale has the precision.
    """
    bundles = [load_bundle(name) for name in shipped_bundles() if name != BICUBIC]
    found = [rung for bundle in bundles for rung in _measured(bundle, scale, precision)]
    if not found and any(_measured(bundle, scale, "fp32") for bundle in bundles):
        raise UsageError(
            f"no model that comes along has {precision} graphs for scale {scale:g}, so there is "
            "none to choose from; name a bundle that has them, or take fp32"
        )
    last = load_bundle(BICUBIC)
    bicubic = next(iter(_measured(last, scale, "fp32")), _rung(last, scale, "fp32"))
    better = [rung for rung in found if _psnr(rung) > _psnr(bicubic)]
    return [*sorted(better, key=_psnr, reverse=True), bicubic]


def _psnr(rung: Rung) -> float:
    return 0.0 if rung.psnr is None else rung.psnr


def _measured(bundle: Bundle, scale: float, precision: str) -> List[Rung]:
    """Return a rung for each setting whose quality the manifest states at `scale`."""
    if precision not in bundle.manifest.precisions:
        return []
    wanted = (DATA, CHANNEL, scale)
    entries = (q for q in bundle.manifest.quality if (q.data, q.channel, q.scale) == wanted)
    return [_rung(bundle, scale, precision, entry) for entry in entries]


def rung_at_work(
    bundle: Bundle,
    scale: float,
    precision: str,
    work: Optional[float] = None,
    halo: bool = False,
    prices: Optional[Tuple[float, ...]] = None,
) -> Rung:
    """Return a model at a share of work, None for one without classes; its quality is not known.

    It is on no ladder, but costs what it costs. That does not tell prices apart: those of one
    machine hardly vary.
    """
    rung = _rung(bundle, scale, precision, work=work, halo=halo)
    return replace(rung, prices=prices)


def rung_of_class(
    bundle: Bundle, scale: float, precision: str, number: int, halo: bool = False
) -> Rung:
    """Return a model with one class everywhere, likewise."""
    return _rung(bundle, scale, precision, force_class=number, halo=halo)


def _rung(
    bundle: Bundle,
    scale: float,
    precision: str,
    quality: Optional[Quality] = None,
    work: Optional[float] = None,
    halo: bool = False,
    force_class: Optional[int] = None,
) -> Rung:
    psnr, k, eta = None, None, None
    if quality is not None:
        psnr, k, force_class, eta = quality.psnr, quality.k, quality.force_class, quality.eta
    graphs = bundle.manifest.precisions[precision]
    parts = [bundle.name, bundle.manifest.method, f"{scale:g}", precision]
    parts += [f"work {work!r}"] if work is not None else []
    parts += [repr(k), repr(force_class), *(graphs[name].sha256 for name in sorted(graphs))]
    # What an eta or a share of work costs depends on the table.
    parts += [f"eta {eta!r}"] if eta is not None else []
    tabled = bundle.manifest.by_patch and (eta is not None or work is not None)
    parts += [table_hash(bundle)] if tabled else []
    parts += ["halo"] if halo else []
    identity = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]
    return Rung(
        bundle.name,
        psnr,
        k,
        force_class,
        work,
        scale,
        precision,
        eta=eta,
        halo=halo,
        identity=identity,
    )
