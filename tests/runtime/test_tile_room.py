"""How large the tiles of a frame may be, by the memory that is there."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Optional, Tuple

import pytest

from pcsr_edge.errors import UsageError
from pcsr_edge.runtime.geometry import Axis
from pcsr_edge.runtime.tile_room import TileRoom

AXES = Axis(3000, 12000), Axis(20, 80)
RESULT = 12000 * 80 * 4


def tile_bytes(axes: Tuple[Axis, Axis], side: int) -> int:
    return 1000 * min(side, axes[0].n_lr) * min(side, axes[1].n_lr)


@pytest.fixture
def side(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that chooses a side with so many free bytes."""

    def choose(free: Optional[int], option: Any = "auto", device: Any = None) -> int:
        monkeypatch.setattr("pcsr_edge.runtime.tile_room.available_bytes", lambda: free)
        return TileRoom(tile_bytes, 2, device).side(AXES, option, None, 4)

    return choose


def test_without_need_the_frame_is_whole(side: Any) -> None:
    assert side(None) == 3000


def test_little_free_memory_cuts_tiles(side: Any) -> None:
    assert 20 < side(RESULT + tile_bytes(AXES, 3000)) < 3000


def test_tiles_that_are_asked_for_and_do_not_fit_are_refused(side: Any) -> None:
    with pytest.raises(UsageError, match="smaller tiles: lower --memory-limit"):
        side(tile_bytes(AXES, 3000), "off")


def test_a_result_that_does_not_fit_is_refused(side: Any) -> None:
    with pytest.raises(UsageError, match=r"result of 80x12000 pixels.*smaller scale or size"):
        side(1000)


def test_tiles_on_a_device_are_as_large_as_its_memory_allows(side: Any) -> None:
    device = SimpleNamespace(free_bytes=lambda: tile_bytes(AXES, 3000) // 2)
    assert 20 < side(RESULT, device=device) < 3000
