"""The description of a PCSR network: plain data and back, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from pcsr_edge.errors import CheckpointError
from pcsr_edge.models import PCSRConfig


def test_description_survives_plain_data() -> None:
    config = PCSRConfig("carn", {"nf": 8}, ((4, 4), ()), (3,), (0.4, 0.5, 0.6), 2.0)
    assert PCSRConfig.from_dict(config.to_dict()) == config


def test_description_from_json_lists() -> None:
    data = {"backbone": "fsrcnn", "upsamplers": [[4], []], "classifier": [3], "mean": [0, 0, 0]}
    assert PCSRConfig.from_dict(data).upsamplers == ((4,), ())


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param([], "described by an object", id="list"),
        pytest.param({}, "missing 1 required", id="empty"),
        pytest.param({"backbone": "fsrcnn", "depth": 3}, "depth", id="unknown-field"),
        pytest.param({"backbone": "fsrcnn", "upsamplers": []}, "at least one", id="no-class"),
        pytest.param({"backbone": "fsrcnn", "upsamplers": ["58"]}, "whole numbers", id="text"),
        pytest.param({"backbone": "fsrcnn", "upsamplers": [[0]]}, "whole numbers", id="zero"),
        pytest.param({"backbone": "fsrcnn", "upsamplers": 3}, "not iterable", id="number"),
        pytest.param({"backbone": "fsrcnn", "classifier": [1.5]}, "whole numbers", id="fraction"),
        pytest.param({"backbone": "fsrcnn", "mean": [0, 0]}, "three numbers", id="short-mean"),
        pytest.param({"backbone": "fsrcnn", "std": 0}, "std", id="no-spread"),
        pytest.param({"backbone": "fsrcnn", "std": float("nan")}, "std", id="nan"),
        pytest.param({"backbone": "fsrcnn", "backbone_args": 3}, "not iterable", id="arguments"),
    ],
)
def test_wrong_descriptions_are_refused(data: Any, message: str) -> None:
    with pytest.raises(CheckpointError, match=message):
        PCSRConfig.from_dict(data)
