"""What holds resources is closed at the end of a block, also when it fails."""

from __future__ import annotations

import pytest

from pcsr_edge.runtime.closing import Closing


class Thing(Closing):
    closed = 0

    def close(self) -> None:
        self.closed += 1


def test_a_block_gets_the_thing_and_closes_it() -> None:
    thing = Thing()
    with thing as inside:
        assert inside is thing
        assert thing.closed == 0
    assert thing.closed == 1


def test_a_failing_block_closes_and_fails() -> None:
    thing = Thing()
    with pytest.raises(KeyError), thing:
        raise KeyError
    assert thing.closed == 1
