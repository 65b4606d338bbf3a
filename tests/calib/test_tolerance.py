from __future__ import annotations

import pytest

from pcsr_edge.calib.tolerance import COARSENESS, TOLERANCES, tolerance_for


@pytest.mark.parametrize(
    ("one", "other", "coarser"),
    [("fp32", "fp32", "fp32"), ("fp16", "fp32", "fp16"), ("fp32", "int8", "int8")],
)
def test_the_coarser_precision_decides(one, other, coarser):
    assert tolerance_for(one, other) == TOLERANCES[coarser]


def test_coarser_precisions_allow_more():
    finest, *others = (TOLERANCES[name] for name in COARSENESS)
    for found in others:
        assert (found.stage, found.psnr_db) > (finest.stage, finest.psnr_db)
        assert 0.95 < found.classes < finest.classes
        finest = found


def test_the_change_of_psnr_can_be_named():
    tolerance = tolerance_for("fp16", "fp32", 0.2)
    assert (tolerance.psnr_db, tolerance.stage) == (0.2, TOLERANCES["fp16"].stage)
