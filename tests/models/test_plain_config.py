"""The description of a plain network: plain data and back, and what it refuses."""

from __future__ import annotations

from typing import Any, Dict

import pytest

from pcsr_edge.errors import CheckpointError
from pcsr_edge.models import PlainConfig

GOOD: Dict[str, Any] = {"scale": 4, "channels": 16, "layers": 4}


def test_a_description_survives_plain_data() -> None:
    config = PlainConfig(4, 16, 4, 3)
    assert PlainConfig.from_dict(config.to_dict()) == config
    assert PlainConfig.from_dict(GOOD) == PlainConfig(4, 16, 4, expansion=2)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param({**GOOD, "scale": 1}, "scale .* from 2, got 1", id="scale"),
        pytest.param({**GOOD, "scale": True}, "scale", id="scale-bool"),
        pytest.param({**GOOD, "channels": 0}, "channels .* from 1, got 0", id="channels"),
        pytest.param({**GOOD, "layers": -1}, "layers .* from 0", id="layers"),
        pytest.param({**GOOD, "expansion": 1.5}, "expansion", id="expansion"),
        pytest.param({**GOOD, "width": 3}, "width", id="unknown"),
        pytest.param({"scale": 4}, "cannot be described", id="missing"),
        pytest.param([1], "described by an object", id="list"),
    ],
)
def test_wrong_descriptions_are_refused(data: Any, message: str) -> None:
    with pytest.raises(CheckpointError, match=message):
        PlainConfig.from_dict(data)
