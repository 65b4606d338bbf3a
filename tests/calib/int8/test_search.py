from __future__ import annotations

import pytest

from pcsr_edge.calib.int8.search import Layer, search
from pcsr_edge.errors import AccuracyError

A, B, C = (Layer("graph", node) for node in "abc")


def adding(**harms):
    """Return a measure by which the harms of the layers add up."""
    return lambda layers: sum(harms[layer.node] for layer in layers)


def found(gate, said=None, **harms):
    lines = said if said is not None else []
    return search([A, B, C], adding(**harms), gate, lines.append)


def test_all_are_taken_where_the_gate_allows():
    result = found(0.15, a=-0.04, b=-0.04, c=-0.04)
    assert result.chosen == {A, B, C}
    assert result.change == pytest.approx(-0.12)


def test_the_most_harmful_is_given_back():
    assert found(0.15, a=-0.05, b=-0.2, c=-0.05).chosen == {A, C}


def test_gains_are_as_suspicious_as_losses():
    assert found(0.15, a=-0.05, b=0.3, c=-0.05).chosen == {A, C}


def test_each_layer_is_told():
    said = []
    result = found(0.15, said, a=-0.05, b=-0.2, c=0.01)
    assert said[:3] == ["graph/a  -0.0500 dB", "graph/b  -0.2000 dB", "graph/c  +0.0100 dB"]
    assert "graph/b stays in float" in said
    assert result.alone == {A: -0.05, B: -0.2, C: 0.01}


def test_without_any_layer_there_is_no_result():
    with pytest.raises(AccuracyError, match=r"graph/c, changes PSNR by -0\.200 dB"):
        found(0.15, a=-0.4, b=-0.3, c=-0.2)
