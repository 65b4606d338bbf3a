"""Memory that is used again: never while somebody holds it."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from pcsr_edge.runtime.buffers import FRESH, Buffers, ByPlane


def test_what_is_dropped_is_used_again() -> None:
    buffers = Buffers()
    for _ in range(5):
        array = buffers.empty((3, 4), np.float32)
        array[:] = 1
        del array
    assert buffers.made == 1


def test_what_is_held_is_not() -> None:
    buffers = Buffers()
    held = [buffers.zeros((8,), np.uint8) for _ in range(3)]
    for number, array in enumerate(held):
        array.fill(number)
    assert [int(array.sum()) for array in held] == [0, 8, 16]
    assert buffers.made == 3


@pytest.mark.parametrize(
    "view",
    [
        lambda a: a[1:, ::2],
        lambda a: a.reshape(-1)[3:].view(np.uint8),
        lambda a: a.T[0][1:],
        memoryview,
        lambda a: np.frombuffer(a, np.uint16),
    ],
    ids=["slice", "dtype", "transposed", "memoryview", "frombuffer"],
)
def test_a_view_holds_its_array(view) -> None:
    buffers = Buffers()
    kept = view(buffers.zeros((4, 6), np.float32))
    other = buffers.empty((4, 6), np.float32)
    other[:] = 7
    assert not np.asarray(kept).any()
    assert buffers.made == 2
    del kept, other
    buffers.empty((4, 6), np.float32)
    assert buffers.made == 2


def test_other_sizes_get_other_memory_and_both_are_kept() -> None:
    buffers = Buffers()
    for _ in range(4):
        shapes = [buffers.empty((n, 5), np.uint16).shape for n in (2, 3)]
    assert (shapes, buffers.made) == ([(2, 5), (3, 5)], 2)


def test_no_more_is_kept_than_is_allowed() -> None:
    buffers = Buffers(most=2)
    held = [buffers.empty((9,), np.uint8) for _ in range(5)]
    held.clear()
    held = [buffers.empty((9,), np.uint8) for _ in range(5)]
    assert (len(held), buffers.made) == (5, 8)


def test_zeros_are_zeros_in_used_memory() -> None:
    buffers = Buffers()
    buffers.empty((6,), np.float32).fill(3)
    assert buffers.zeros((6,), np.float32).tolist() == [0] * 6
    assert buffers.made == 1


def test_threads_never_share_an_array() -> None:
    buffers, wrong = Buffers(), []

    def work(number) -> None:
        for _ in range(300):
            array = buffers.empty((64,), np.int64)
            array.fill(number)
            wrong.extend(array[array != number])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert buffers.made <= 8


def test_fresh_arrays_are_new() -> None:
    one = FRESH.zeros((2, 3), np.float32)
    assert (one.shape, one.dtype, one.any()) == ((2, 3), np.float32, False)
    assert FRESH.empty((2,), np.uint8).base is None


def test_pictures_may_lie_plane_by_plane() -> None:
    buffers = Buffers()
    memory = ByPlane(buffers)
    picture = memory.zeros((4, 5, 3), np.float32)
    assert picture.shape == (4, 5, 3)
    assert not picture.any()
    assert all(picture[..., channel].flags.c_contiguous for channel in range(3))
    assert memory.empty((4, 5), np.uint8).flags.c_contiguous
    del picture
    memory.empty((4, 5, 3), np.float32)
    assert buffers.made == 2
