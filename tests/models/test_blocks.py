"""Blocks are cut out with what surrounds them, and put back where they were."""

from __future__ import annotations

from typing import Tuple

import pytest
import torch

from pcsr_edge.models.blocks import Block, all_blocks, gather_blocks, place_blocks, starts


def picture(height: int, width: int) -> torch.Tensor:
    """Draw features in which no value is 0."""
    generator = torch.Generator().manual_seed(1)
    return torch.rand(2, 3, height, width, generator=generator) + 1


@pytest.mark.parametrize(
    ("cells", "expected"), [(8, [0, 4]), (10, [0, 4, 6]), (4, [0]), (3, [0]), (1, [0])]
)
def test_the_last_block_ends_with_the_picture(cells: int, expected: object) -> None:
    assert starts(cells, 4) == expected


def test_a_window_holds_the_block_and_its_margin() -> None:
    x = picture(9, 9)
    (window,) = gather_blocks(x, [Block(3, 2)], 4, 2).unbind(1)
    assert torch.equal(window, x[:, :, 1:9, 0:8])


def test_beyond_the_picture_all_is_zero() -> None:
    (window,) = gather_blocks(picture(3, 6), [Block(0, 2)], 4, 1).unbind(1)
    assert window.shape == (2, 3, 6, 6)
    assert (window[:, :, 0] == 0).all()
    assert (window[:, :, 4:] == 0).all()
    assert (window[:, :, :, 5] == 0).all()
    assert (window[:, :, 1:4, :5] > 0).all()


@pytest.mark.parametrize("size", [(8, 12), (9, 11), (3, 5), (4, 4), (1, 1)])
def test_blocks_put_together_are_the_picture(size: Tuple[int, int]) -> None:
    height, width = size
    x = picture(height, width)
    blocks = all_blocks(height, width, 4)
    assert torch.equal(place_blocks(gather_blocks(x, blocks, 4, 0), blocks, (height, width)), x)


def test_of_two_blocks_the_earlier_one_stays() -> None:
    blocks = all_blocks(4, 6, 4)
    values = torch.stack([torch.zeros(1, 1, 4, 4), torch.ones(1, 1, 4, 4)], dim=1)
    row = place_blocks(values, blocks, (4, 6))[0, 0, 0]
    assert row.tolist() == [0, 0, 0, 0, 1, 1]
