"""What our code uses of `tensorrt`, version by version: tests/data/tensorrt_api.json.

The file holds facts of listings of NVIDIA's own Python modules (names, signatures, numbers of
enum members), reduced to `USED`. To make it again from the listings:

    python tests/support/tensorrt_facts.py FOLDER_OF_LISTINGS
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Dict, List, Mapping

FACTS = Path(__file__).parents[1] / "data" / "tensorrt_api.json"
VERSIONS = ("8.5.2.2", "8.6.1", "10.3.0", "10.16", "11.4")

USED: Mapping[str, List[str]] = {
    "Builder": [
        "__init__",
        "build_serialized_network",
        "create_builder_config",
        "create_network",
        "create_optimization_profile",
    ],
    "IBuilderConfig": [
        "add_optimization_profile",
        "clear_flag",
        "create_timing_cache",
        "get_timing_cache",
        "max_aux_streams",
        "set_flag",
        "set_memory_pool_limit",
        "set_timing_cache",
    ],
    "ICudaEngine": [
        "create_execution_context",
        "get_tensor_dtype",
        "get_tensor_mode",
        "get_tensor_name",
        "num_io_tensors",
    ],
    "IExecutionContext": [
        "execute_async_v3",
        "get_tensor_shape",
        "infer_shapes",
        "set_input_shape",
        "set_tensor_address",
    ],
    "IHostMemory": [],
    "ILogger": ["__init__", "log"],
    "INetworkDefinition": ["get_input", "num_inputs"],
    "IOptimizationProfile": ["set_shape"],
    "ITensor": ["name", "shape"],
    "ITimingCache": ["serialize"],
    "OnnxParser": ["__init__", "get_error", "num_errors", "parse"],
    "ParserError": ["desc", "node"],
    "Runtime": ["__init__", "deserialize_cuda_engine"],
}
"""Class → its methods and properties."""

USED_ENUMS: Mapping[str, List[str]] = {
    "BuilderFlag": ["FP16", "INT8", "TF32"],
    "DataType": ["FLOAT", "HALF", "INT32", "INT8"],
    "ILogger.Severity": ["ERROR", "INFO", "INTERNAL_ERROR", "VERBOSE", "WARNING"],
    "MemoryPoolType": ["WORKSPACE"],
    "NetworkDefinitionCreationFlag": ["EXPLICIT_BATCH", "STRONGLY_TYPED"],
    "TensorIOMode": ["INPUT", "OUTPUT"],
}
"""Enum → its members; the fake gives tensors of type INT8 too, which we refuse."""

GUARDED = {
    "BuilderFlag.FP16",
    "BuilderFlag.INT8",
    "IBuilderConfig.max_aux_streams",
    "NetworkDefinitionCreationFlag.EXPLICIT_BATCH",
    "NetworkDefinitionCreationFlag.STRONGLY_TYPED",
}
"""What some versions lack; our code asks before it uses them."""


def load_facts() -> Dict[str, Any]:
    """Return version → facts."""
    facts: Dict[str, Any] = json.loads(FACTS.read_text(encoding="utf-8"))
    return facts


def reduced(listing: Mapping[str, Any]) -> Dict[str, Any]:
    """Return the facts of one listing."""
    classes: Dict[str, Any] = {}
    for name, members in USED.items():
        found = listing["classes"][name]
        classes[name] = {
            "methods": {m: found["methods"][m] for m in members if m in found["methods"]},
            "properties": [m for m in members if m in found["properties"]],
        }
    enums = {}
    for name, members in USED_ENUMS.items():
        names = listing["enums"][name]
        # Of a nested enum the listings hold the names alone, in the order of their numbers.
        numbers = listing["enum_values"].get(name) or {m: i for i, m in enumerate(names)}
        enums[name] = {m: numbers[m] for m in members if m in names}
    return {"version": listing["version"], "classes": classes, "enums": enums}


def facts_of(folder: Path) -> Dict[str, Any]:
    """Return the facts of all listings in a folder."""
    texts = ((v, (folder / f"{v}.json").read_text(encoding="utf-8")) for v in VERSIONS)
    return {version: reduced(json.loads(text)) for version, text in texts}


def lacking(facts: Mapping[str, Any]) -> List[str]:
    """Return what of `USED` and `USED_ENUMS` one version lacks."""
    missing = []
    for name, members in USED.items():
        there = facts["classes"][name]
        has = {*there["methods"], *there["properties"]}
        missing += [f"{name}.{m}" for m in members if m not in has]
    for name, members in USED_ENUMS.items():
        missing += [f"{name}.{m}" for m in members if m not in facts["enums"][name]]
    return missing


if __name__ == "__main__":
    FACTS.write_text(json.dumps(facts_of(Path(sys.argv[1])), indent=1) + "\n", encoding="utf-8")
