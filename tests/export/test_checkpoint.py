"""Any checkpoint is exported by the exporter of its method, at its own scale."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, Tuple

import pytest

from pcsr_edge.errors import UsageError
from pcsr_edge.export.checkpoint import export_checkpoint
from pcsr_edge.export.pcsr_translation import DEFAULT_SCALE
from pcsr_edge.models import PCSR, Checkpoint, PCSRConfig, Plain, PlainConfig


def pcsr(**provenance: Any) -> Checkpoint:
    """Return a checkpoint of a small PCSR network."""
    return Checkpoint(PCSR(PCSRConfig("fsrcnn", {"d": 4, "s": 2, "m": 1}, ((4,),))), provenance)


def plain() -> Checkpoint:
    """Return a checkpoint of a small plain network."""
    return Checkpoint(Plain(PlainConfig(2, 4, 1)))


def exported(checkpoint: Checkpoint, target: Path, **options: Any) -> Tuple[str, Any]:
    """Return method and scale of the bundle."""
    report = export_checkpoint(checkpoint, target, name="tiny", verify=False, **options)
    return report.bundle.manifest.method, report.bundle.manifest.scale


def test_a_plain_checkpoint_has_one_scale(target: Path) -> None:
    assert exported(plain(), target) == ("plain", 2)


@pytest.mark.parametrize(
    ("provenance", "options", "scale"),
    [
        ({}, {}, DEFAULT_SCALE),
        ({"scale": 3}, {}, 3),
        ({"scale": 3}, {"scale": 2}, 2),
        ({"scale": 3}, {"scale": "any"}, "any"),
    ],
    ids=["not-told", "told", "given", "any"],
)
def test_the_scale_of_pcsr(
    provenance: Dict[str, Any], options: Dict[str, Any], scale: Any, target: Path
) -> None:
    assert exported(pcsr(**provenance), target, **options) == ("pcsr", scale)


def test_a_senseless_scale_in_a_checkpoint_is_refused(target: Path) -> None:
    with pytest.raises(UsageError, match="scale 'four'"):
        exported(pcsr(scale="four"), target)
