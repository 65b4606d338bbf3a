"""Quantization needs onnx; devices run the rest without it."""

from __future__ import annotations

from importlib.util import find_spec
from typing import List

collect_ignore_glob: List[str] = []
if find_spec("onnx") is None:
    # On a device, where bundles are not calibrated.
    collect_ignore_glob.append("*")
