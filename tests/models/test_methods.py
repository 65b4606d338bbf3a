"""The methods: each describes and builds its own networks."""

from __future__ import annotations

from typing import Any, Dict

import pytest

from pcsr_edge.errors import CheckpointError
from pcsr_edge.models import METHODS, PCSR, Plain, Supernet, build_network
from pcsr_edge.models.cascade import Cascade
from pcsr_edge.models.edge_sr import EdgeSRMax
from pcsr_edge.models.methods import method_of

DATA: Dict[str, Dict[str, Any]] = {
    "pcsr": {"backbone": "fsrcnn", "backbone_args": {"d": 4, "s": 2, "m": 1}},
    "plain": {"scale": 2, "channels": 4, "layers": 1},
    "arm": {"scale": 2, "backbone": "fsrcnn", "widths": [4, 2]},
    "wbsr": {"scale": 2, "backbone": "srresnet", "widths": [4, 2]},
    "edge-sr": {"id": "eSR-MAX_s2_K3_C1"},
    "cascade": {
        **{"scale": 2, "channels": 3, "trunk_layers": 2, "deep_layers": 3},
        **{"block": 8, "margin": 1, "gain_channels": 2, "expansion": 2},
    },
}


def test_every_method_is_tried_here() -> None:
    assert set(DATA) == set(METHODS)


@pytest.mark.parametrize(
    ("method", "kind"),
    [
        *(("pcsr", PCSR), ("plain", Plain), ("edge-sr", EdgeSRMax), ("cascade", Cascade)),
        *(("arm", Supernet), ("wbsr", Supernet)),
    ],
)
def test_a_description_builds_its_network(method: str, kind: type) -> None:
    config = METHODS[method].config(DATA[method])
    assert method_of(config) == method
    assert type(build_network(config)) is kind


def test_an_unknown_backbone_is_refused() -> None:
    config = METHODS["pcsr"].config({"backbone": "edsr"})
    with pytest.raises(CheckpointError, match="unknown backbone 'edsr'"):
        build_network(config)
