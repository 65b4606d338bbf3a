"""How large the tiles of a frame may be, by the memory that is there."""

from __future__ import annotations

from functools import partial
from typing import Callable, Optional, Tuple

from pcsr_edge.runtime.device import Device
from pcsr_edge.runtime.geometry import Axis
from pcsr_edge.runtime.memory import available_bytes, check_room, default_limit
from pcsr_edge.runtime.options import memory_bytes
from pcsr_edge.runtime.tiling import TileOption, least_side, tile_side

TileBytes = Callable[[Tuple[Axis, Axis], int], int]
"""From the axes and a tile's side to the most bytes that the tile takes."""


class TileRoom:
    """Memory for the tiles of one model.

    Args:
        tile_bytes: what a tile of this model takes.
        halo: the model's receptive radius in LR pixels.
        device: where tiles lie; None for the memory of this machine.
    """

    def __init__(self, tile_bytes: TileBytes, halo: int, device: Optional[Device]) -> None:
        self._tile_bytes, self._halo = tile_bytes, halo
        # Asked once: what frames leave allocated is there for the next ones.
        self._on_device = None if device is None else device.free_bytes()

    def side(
        self,
        axes: Tuple[Axis, Axis],
        option: TileOption,
        memory_limit: Optional[int],
        pixel_bytes: int,
    ) -> int:
        """Choose the tile's side in LR pixels, and make sure that the frame fits.

        Args:
            axes: vertical and horizontal axis.
            option: what the user asked for.
            memory_limit: bytes that a tile may take; None for what seems right here.
            pixel_bytes: bytes that a pixel of the result takes, with its class.

        Raises:
            UsageError: the frame does not fit, or an option makes no sense.
        """
        rows, cols = axes[0].n_hr, axes[1].n_hr
        result, free = rows * cols * pixel_bytes, available_bytes()
        tile_bytes = partial(self._tile_bytes, axes)
        what = f"a result of {cols}x{rows} pixels"
        if self._on_device is not None:
            # Tiles lie in the memory of the device; here there is the result alone.
            limit = memory_bytes(memory_limit, self._on_device // 2)
            check_room(result, free, what, least=result)
            return tile_side(option, axes, self._halo, tile_bytes, limit)
        limit = memory_bytes(memory_limit, default_limit(result, free))
        side = tile_side(option, axes, self._halo, tile_bytes, limit)
        smallest = tile_bytes(least_side(axes, self._halo))
        check_room(result + tile_bytes(side), free, what, least=result + smallest)
        return side
