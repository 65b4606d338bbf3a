"""What the package offers."""

from __future__ import annotations

import pytest

from pcsr_edge import export


def test_every_public_name_is_there() -> None:
    assert dir(export) == [
        *("ExportReport", "check_dialect", "export_cascade", "export_edge", "export_pcsr"),
        *("export_plain", "export_supernet"),
    ]
    assert all(callable(getattr(export, name)) for name in export.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        export.nothing  # noqa: B018
