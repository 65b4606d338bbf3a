"""Model ids: what they say, and what is refused."""

from __future__ import annotations

import pytest

from pcsr_edge.errors import CheckpointError
from pcsr_edge.models import ModelId


def test_an_id_tells_family_scale_and_sizes() -> None:
    model = ModelId("eSR-TM_s2_K7_C4")
    assert (model.family, model.scale, model.size("K"), model.size("C")) == ("eSR-TM", 2, 7, 4)


def test_sizes_may_have_several_digits() -> None:
    model = ModelId("FSRCNN_s4_D44_S9_M4")
    assert (model.size("D"), model.size("S"), model.size("M")) == (44, 9, 4)


def test_bicubic_has_no_sizes() -> None:
    assert ModelId("Bicubic_s3").scale == 3


@pytest.mark.parametrize(
    "text",
    [
        "",
        "eSR-TM",
        "eSR-TM_s2_K7",
        "eSR-TM_s2_C4_K7",
        "eSR-TM_s2_K7_C4_",
        "eSR-TM_s2_K7_C4\n",
        "esr-tm_s2_K7_C4",
        "eSR-TM_s2_K7_C4.model",
        "eSR-TM_s2_K7_C-4",
        "eSR-TM_s2_K7_C٤",
        "eSR-TM_s2_K7_C99999999",
    ],
)
def test_what_does_not_parse_is_refused(text: str) -> None:
    with pytest.raises(CheckpointError, match=r"names no family|does not parse"):
        ModelId(text)


@pytest.mark.parametrize(
    "text",
    [
        "eSR-TM_s1_K7_C4",
        "eSR-TM_s99_K7_C4",
        "eSR-TM_s2_K0_C4",
        "eSR-TM_s2_K7_C0",
        "eSR-CNN_s2_C2_D3_S0",
        "eSR-TM_s2_K7_C5000",
    ],
)
def test_a_size_out_of_range_is_refused(text: str) -> None:
    with pytest.raises(CheckpointError, match=r"gives [sKCS] = \d+, expected"):
        ModelId(text)


def test_an_even_kernel_is_refused() -> None:
    with pytest.raises(CheckpointError, match="even kernel, K = 6"):
        ModelId("eSR-MAX_s2_K6_C1")


def test_a_first_layer_may_be_absent() -> None:
    assert ModelId("ESPCN_s4_D0_S27").size("D") == 0


@pytest.mark.parametrize(
    "data", [{}, {"id": 3}, {"id": "eSR"}, {"id": "Bicubic_s2", "x": 1}, [], 7]
)
def test_a_wrong_description_is_refused(data: object) -> None:
    with pytest.raises(CheckpointError):
        ModelId.from_dict(data)  # type: ignore[arg-type]


def test_a_description_reads_back() -> None:
    model = ModelId("eSR-MAX_s3_K5_C2")
    assert ModelId.from_dict(model.to_dict()) == model
