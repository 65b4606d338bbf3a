"""What the tests of the ladder share."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable

import pytest
from support import rated_bundles


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let bicubic and the tiny bundles, their quality unmeasured, be what comes along."""
    return rated_bundles.ship(tmp_path / "shipped", monkeypatch)


@pytest.fixture
def rate(shipped: Path) -> Callable[..., None]:
    """Return a function that puts measured qualities into the manifest of a shipped bundle."""

    def write(name: str, *entries: Any) -> None:
        rated_bundles.rate(shipped / name, *entries)

    return write
