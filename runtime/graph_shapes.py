"""What a graph returns by its manifest: so a manifest that does not fit its graphs is found out."""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional, Tuple

import numpy.typing as npt

from pcsr_edge.runtime.manifest import Manifest

Shape = Tuple[Optional[int], ...]
"""None: any number."""


class GraphShapes:
    """The shapes of what one graph returns.

    Args:
        manifest: of the bundle.
        graph: its name in the bundle.
    """

    def __init__(self, manifest: Manifest, graph: str) -> None:
        self._manifest, self._graph = manifest, graph

    def mismatch(
        self, inputs: Mapping[str, npt.NDArray[Any]], outputs: Mapping[str, npt.NDArray[Any]]
    ) -> Optional[str]:
        """Say what is wrong with the outputs of a call, None where they fit."""
        for name, wanted in self.expected(inputs).items():
            if name not in outputs:
                return f"the graph {self._graph} has no output {name}"
            found = outputs[name].shape
            fits = len(found) == len(wanted) and all(
                size in (None, other) for size, other in zip(wanted, found)
            )
            if not fits:
                return (
                    f"the graph {self._graph} gave its output {name} as {_text(found)}, where the "
                    f"manifest (method {self._manifest.method}, scale {self._manifest.scale}) "
                    f"promises {_text(wanted)}"
                )
        return None

    def expected(self, inputs: Mapping[str, npt.NDArray[Any]]) -> Dict[str, Shape]:
        """Return the shape of each output that the runtime reads, for some inputs."""
        manifest = self._manifest
        if manifest.method == "pcsr":
            return self._of_pcsr(inputs)
        scale = manifest.scale
        assert isinstance(scale, int)
        if manifest.method == "edge-sr":
            height, width = (n - 2 * manifest.receptive_field for n in inputs["y"].shape[2:])
            return {"sr": (1, 1, height * scale, width * scale)}
        phases = 3 * scale**2
        if self._graph == "deep":
            count, block = len(inputs["features"]), manifest.block
            return {"correction": (count, phases, block, block)}
        count, _, height, width = inputs["image"].shape
        found: Dict[str, Shape] = {"phases": (count, phases, height, width)}
        if self._graph == "trunk":
            found["gain"] = (count, 1, height, width)
            found["features"] = (count, None, height, width)
        return found

    def _of_pcsr(self, inputs: Mapping[str, npt.NDArray[Any]]) -> Dict[str, Shape]:
        if self._graph == "backbone":
            # Its outputs are named by the heads that the bundle has, which look them up.
            return {}
        phases = self._manifest.scale**2 if isinstance(self._manifest.scale, int) else 1
        if self._graph == "base":
            height, width = inputs["image"].shape[2:]
            return {"base": ((height - 2) * (width - 2) * phases, 3)}
        dense = self._graph.endswith("_dense")
        count = len(inputs["projection"]) * phases if dense else len(inputs["cell"])
        if self._graph.startswith("classifier"):
            return {"logits": (count, len(self._manifest.classes))}
        return {"residual": (count, 3)}


def _text(shape: Shape) -> str:
    return "x".join("?" if size is None else str(size) for size in shape)
