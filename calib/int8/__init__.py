"""Graphs in int8: ranges of activations, Q/DQ nodes, the search for layers to keep in float.

Needs the package onnx (the extra `int8`), which is imported where it is used.
"""

from __future__ import annotations
