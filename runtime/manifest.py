"""`bundle.json`: what a bundle says of itself; `manifest_reader` reads and checks it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Dict, Mapping, Optional, Tuple, Union

SCHEMA_VERSION = 1
METHODS = ("pcsr", "plain", "cascade", "arm", "wbsr", "edge-sr", "bicubic")
BY_PATCH = ("arm", "wbsr")
"""Methods that choose a subnet for each patch, by a table and by eta in place of k."""
BLENDS = ("mean", "ramp")
"""Patches count alike, as in the articles; or for less towards their borders."""
TRAINED_FOR_ONE = ("plain", "cascade", *BY_PATCH, "edge-sr")
"""Methods whose networks have one scale, a whole number."""
CHANNELS = ("y", "rgb")
"""What a network reads and writes, and on what a quality was measured."""


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
    """One of `CHANNELS`."""
    k: Optional[float]
    """The k at which it was measured; None for methods without classes."""
    psnr: float
    """Mean PSNR in dB."""
    ssim: float
    """Mean SSIM."""
    protocol: str
    """How LR was made, what was shaved."""
    force_class: Optional[int] = None
    """The class that every pixel was given in place of k; None where none was."""
    eta: Optional[float] = None
    """The eta at which it was measured; None for methods without one."""

    def to_dict(self) -> Dict[str, Any]:
        """Return the entry of `bundle.json`; most have neither class nor eta, and name none."""
        rare = ("force_class", "eta")
        return {n: v for n, v in vars(self).items() if n not in rare or v is not None}


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
    """`y` of method `edge-sr`: luma in studio swing; else `rgb`."""
    backbone_flops_per_cell: int
    """FLOPs for one LR pixel: `pcsr`: of the backbone without projections; `plain`, `edge-sr`: of
    all convolutions; `cascade`: of the trunk; `arm`, `wbsr`, where subnets share nothing, and
    `bicubic`, where they depend on the scale: 0."""
    receptive_field: int
    """Radius in LR pixels: what a tile needs around it to be exact; `cascade`: a block;
    `arm`, `wbsr`: a patch without seams."""
    activation_floats_per_cell: int
    """Most numbers per LR pixel that one graph holds at one time; it decides tile sizes."""
    precisions: Mapping[str, Mapping[str, GraphFile]]
    """Precision (`fp32`, `fp16`, `int8`) → graph name (`backbone`, `upsampler_0`…) → file.

    Graphs that are not worth int8 are the fp32 files there. Of `arm` and `wbsr`, the fp32 and fp16
    files beyond `subnet_0` hold no weights, since it holds them all.
    """
    quality: Tuple[Quality, ...] = ()
    """Measured qualities."""
    provenance: Mapping[str, Any] = field(default_factory=dict)
    """Trained on, recipe, steps, commit of the training where known, licence."""
    classes: Tuple[ClassCost, ...] = (ClassCost(0),)
    """`pcsr`: one per upsampler, heaviest first; `cascade`: light head and deep part, light head
    alone; `arm`, `wbsr`: one per subnet, widest first, and interpolation, counted as free; else
    one, free: there is no upsampler."""
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
    patch: int = 0
    """`arm`, `wbsr`: cells along the side of a patch, which goes through one subnet as a whole."""
    step: int = 0
    """`arm`, `wbsr`: cells from one patch to the next; what is less than `patch` overlaps."""
    blend: str = "ramp"
    """`arm`, `wbsr`: one of `BLENDS`: how patches are averaged where they overlap."""
    default_eta: float = 0.0
    """`arm`, `wbsr`: the eta used when none is asked for."""

    @property
    def has_classes(self) -> bool:
        """Whether pixels can get different work: whether k, ADM and classes mean anything."""
        return self.method in ("pcsr", "cascade", *BY_PATCH)

    @property
    def by_patch(self) -> bool:
        """Whether patches get subnets by eta, in place of pixels classes by k."""
        return self.method in BY_PATCH

    @property
    def any_scale(self) -> bool:
        """Whether frames may have another scale than the trained one."""
        return self.method not in TRAINED_FOR_ONE

    def graph_names(self) -> Tuple[str, ...]:
        """Return the graphs that every precision must hold."""
        if self.method == "bicubic":
            return ()
        if self.method == "cascade":
            return ("trunk", "deep")
        if self.by_patch:
            return tuple(f"subnet_{j}" for j in range(len(self.classes) - 1))
        if not self.has_classes:
            return ("network",)
        upsamplers = tuple(f"upsampler_{j}" for j in range(len(self.classes)))
        classifier = ("classifier",) if len(self.classes) > 1 else ()
        return ("backbone", *classifier, *upsamplers)

    def dense_graph_names(self) -> Tuple[str, ...]:
        """Return the graphs for frames of the trained scale alone; a bundle has all or none."""
        if self.method != "pcsr" or not isinstance(self.scale, int):
            return ()
        heads = tuple(f"{name}_dense" for name in self.graph_names() if name != "backbone")
        return ("base", *heads)

    @property
    def has_dense_graphs(self) -> bool:
        """Whether the bundle has the graphs of `dense_graph_names`."""
        return "base" in self.precisions["fp32"]

    def to_json(self) -> str:
        """Return the text of `bundle.json`."""
        data: Dict[str, Any] = {"schema_version": SCHEMA_VERSION}
        data.update(name=self.name, method=self.method, scale=self.scale, channels=self.channels)
        if self.has_classes:
            data["classes"] = [vars(c) for c in self.classes]
        data["backbone_flops_per_cell"] = self.backbone_flops_per_cell
        if self.has_classes and not self.by_patch:
            data["classifier_flops_per_query"] = self.classifier_flops_per_query
        if self.method == "cascade":
            data.update(block=self.block, margin=self.margin)
        if self.by_patch:
            data.update(patch=self.patch, step=self.step, blend=self.blend)
        if self.method == "pcsr":
            data["normalisation"] = {"mean": list(self.mean), "std": self.std}
        data["receptive_field"] = self.receptive_field
        data["activation_floats_per_cell"] = self.activation_floats_per_cell
        data["precisions"] = {
            precision: {name: vars(graph) for name, graph in graphs.items()}
            for precision, graphs in self.precisions.items()
        }
        if self.by_patch:
            data["default_eta"] = self.default_eta
        elif self.has_classes:
            data["default_k"] = self.default_k
        data["quality"] = [q.to_dict() for q in self.quality]
        data["provenance"] = dict(self.provenance)
        return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def trained_scale(manifest: Manifest) -> Optional[int]:
    """Return the integer scale a bundle was trained for, None where it is `any`."""
    return manifest.scale if isinstance(manifest.scale, int) else None
