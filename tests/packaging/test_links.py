"""The documents' links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Iterator, List, Tuple

import pytest
from support.tree import ROOT

LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def documents() -> List[Path]:
    """Return the Markdown files that people read."""
    return sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def links(path: Path) -> Iterator[Tuple[str, Path]]:
    """Yield every relative link of a document and where it leads."""
    for target in LINK.findall(path.read_text(encoding="utf-8")):
        if not re.match(r"[a-z]+:", target):
            yield target, path.parent / target


@pytest.mark.parametrize("path", documents(), ids=lambda p: str(p.relative_to(ROOT)))
def test_relative_links_lead_somewhere(path: Path) -> None:
    assert [target for target, place in links(path) if not place.exists()] == []


def test_the_readme_has_links() -> None:
    assert len(list(links(ROOT / "README.md"))) > 3
