"""All that is known of one model, for people."""

from __future__ import annotations

from pathlib import Path

import pytest

from pcsr_edge.cli.model_page import data_text, description, scale_text
from pcsr_edge.runtime.bundle import load_bundle
from pcsr_edge.runtime.manifest import Quality

DATA = Path(__file__).parents[1] / "data"


def page(name: str, *damage: str) -> str:
    return description(load_bundle(DATA / name), list(damage))


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("tiny-pcsr-x4", ["pcsr, 2 classes, rgb", "default k", "classifier", "upsampler 1"]),
        ("tiny-cascade-x4", ["cascade, 2 classes, rgb", "default k", "trunk", "class 1"]),
        ("tiny-arm-x4", ["patches", "default eta", "subnet 0", "interpolation"]),
        ("tiny-plain-x4", ["plain, rgb", "network"]),
    ],
)
def test_the_parts_of_a_model_are_those_of_its_method(name: str, parts: list[str]) -> None:
    text = page(name)
    assert all(part in text for part in parts)
    assert ("default k" in text) == ("default k" in parts)
    assert ("default eta" in text) == ("default eta" in parts)


def test_graphs_are_said_to_be_right_unless_they_are_damaged() -> None:
    assert "all hashes right" in page("tiny-plain-x4")
    assert "damaged, see below" in page("tiny-plain-x4", "network.onnx is missing")


@pytest.mark.parametrize(("channel", "text"), [("y", "Set5 Y"), ("rgb", "Set5 RGB")])
def test_a_quality_names_its_data_and_channel(channel: str, text: str) -> None:
    fields = {"scale": 4, "psnr": 30.0, "ssim": 0.8, "protocol": "bicubic", "k": None}
    assert data_text(Quality(data="Set5", channel=channel, **fields)) == text


def test_the_scale_is_written_as_people_write_it() -> None:
    assert scale_text(load_bundle(DATA / "tiny-plain-x4").manifest) == "x4"
    assert scale_text(load_bundle("bicubic").manifest) == "any"
