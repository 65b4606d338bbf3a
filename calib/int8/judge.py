"""What replacing graphs of a bundle does to its pictures."""

from __future__ import annotations

import hashlib
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from pcsr_edge.calib.frames import frame_channel
from pcsr_edge.calib.pictures import judging_scale
from pcsr_edge.export.pictures import Pair
from pcsr_edge.runtime.backends.onnxruntime import OnnxRuntimeBackend
from pcsr_edge.runtime.bundle import Bundle
from pcsr_edge.runtime.engine import Backend, Engine
from pcsr_edge.runtime.quality import psnr, psnr_change
from pcsr_edge.runtime.upscaler import Upscaler

Graphs = Mapping[str, bytes]
"""Graph → content of its file."""


class _Replacing(Backend):
    """Another backend, with other graphs in place of those of a bundle."""

    def __init__(self, bundle: Bundle, graphs: Graphs, backend: Backend) -> None:
        self._backend = backend
        self.name, self.device = backend.name, backend.device
        known = bundle.hashes("fp32")
        self._others = {key: graphs[name] for key, name in known.items() if name in graphs}

    def load(self, graph: bytes, threads: int) -> Engine:
        digest = hashlib.sha256(graph).hexdigest()
        return self._backend.load(self._others.get(digest, graph), threads)


class Judge:
    """Measures the change of PSNR against the truth.

    Frames of a model with classes are made at its default k, and in each class everywhere.

    Args:
        bundle: its fp32 graphs are the reference.
        pairs: pictures, at least one.
    """

    def __init__(self, bundle: Bundle, pairs: Sequence[Pair]) -> None:
        self._bundle, self._pairs = bundle, pairs
        self._settings: List[Dict[str, Any]] = [{}]
        if bundle.manifest.has_classes:
            classes = range(len(bundle.manifest.classes))
            self._settings += [{"force_class": j} for j in classes]
        self._expected = self._qualities({}, OnnxRuntimeBackend())

    def change(self, graphs: Graphs, backend: Optional[Backend] = None) -> float:
        """Return the change of PSNR in dB of the frame that changes most, negative for a loss.

        Args:
            graphs: in place of those of the bundle.
            backend: what runs them; by default the CPU, with int8 activations as other backends
                have them.

        Raises:
            EngineError: a graph cannot be compiled, or gives NaN.
        """
        found = self._qualities(graphs, backend or OnnxRuntimeBackend(as_stored=True))
        return max(map(psnr_change, found, self._expected), key=abs)

    def _qualities(self, graphs: Graphs, backend: Backend) -> Tuple[float, ...]:
        manifest = self._bundle.manifest
        scale, channel = judging_scale(manifest), frame_channel(manifest)
        with Upscaler(self._bundle, _Replacing(self._bundle, graphs, backend)) as upscaler:
            return tuple(
                psnr(self._frame(upscaler, pair, options), pair.hr, channel, scale)
                for pair in self._pairs
                for options in self._settings
            )

    @staticmethod
    def _frame(upscaler: Upscaler, pair: Pair, options: Mapping[str, Any]) -> Any:
        size = pair.hr.shape[0], pair.hr.shape[1]
        return upscaler.run(pair.lr, size=size, **options).image
