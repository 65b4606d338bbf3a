"""What we use of `tensorrt` exists in every version that we name."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Iterator, Set

import pytest
from support.tensorrt_facts import FACTS, GUARDED, USED, VERSIONS, facts_of, lacking, load_facts
from support.tree import ROOT

SOURCES = [*(ROOT / "runtime" / "engines").glob("*.py"), ROOT / "runtime/backends/tensorrt.py"]
FACT = load_facts()


def chains(path: Path) -> Iterator[str]:
    """Yield `A.B` of every `trt.A.B` and `self._trt.A.B` in a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names, root = [], node
        while isinstance(root, ast.Attribute):
            names.append(root.attr)
            root = root.value
        if isinstance(root, ast.Name) and root.id == "self" and names[-1:] == ["_trt"]:
            names.pop()
        elif not (isinstance(root, ast.Name) and root.id == "trt"):
            continue
        if names:
            yield ".".join(reversed(names))


def test_the_facts_are_those_of_the_listings(shared_data: Path) -> None:
    folder = shared_data.parent / "tensorrt_api"
    if not folder.is_dir():
        pytest.skip(f"no listings at {folder}")
    assert load_facts() == facts_of(folder)


def test_all_five_versions_are_there() -> None:
    assert list(FACT) == list(VERSIONS)
    assert FACTS.stat().st_size < 100_000


@pytest.mark.parametrize("version", VERSIONS)
def test_a_version_lacks_nothing_but_what_is_asked_for_first(version: str) -> None:
    assert set(lacking(FACT[version])) <= GUARDED


def test_what_is_guarded_is_missing_somewhere() -> None:
    assert {name for facts in FACT.values() for name in lacking(facts)} == GUARDED


def test_every_name_in_the_code_is_in_every_version_or_guarded() -> None:
    found: Set[str] = {chain for path in SOURCES for chain in chains(path)}
    # A chain stands for its beginnings too: of `DataType.HALF` also `DataType` was found.
    assert {"Builder", "DataType.HALF", "MemoryPoolType.WORKSPACE", "Runtime"} <= found
    for version, facts in FACT.items():
        enums = {f"{e}.{m}" for e, members in facts["enums"].items() for m in members}
        known = {*USED, *facts["enums"], *enums, "__version__", "ILogger.__init__"}
        known |= {name for name in facts["enums"] if "." in name}
        assert found - known - GUARDED == set(), version


def test_numbers_of_members_move() -> None:
    # Why no number is ever written in the code.
    flags = [FACT[v]["enums"]["NetworkDefinitionCreationFlag"] for v in VERSIONS]
    assert flags[0] == {"EXPLICIT_BATCH": 0}
    assert flags[2]["STRONGLY_TYPED"] == 1
    assert flags[4] == {"STRONGLY_TYPED": 0}
