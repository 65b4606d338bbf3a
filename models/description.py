"""What the descriptions of networks have in common: plain data in, checked fields out."""

from __future__ import annotations

from typing import Any, Callable, Dict, Mapping, TypeVar

from pcsr_edge.errors import CheckpointError

T = TypeVar("T")


def is_whole(value: Any, least: int) -> bool:
    """Return whether a value is a whole number, `least` or more; True and False are none."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def check_whole(description: Any, least: Mapping[str, int], kind: str) -> None:
    """Check the whole numbers among the fields of a description.

    Args:
        description: what has the fields.
        least: field → its least value.
        kind: of network, for the message, e.g. `a cascade`.

    Raises:
        CheckpointError: a field is no whole number or too small.
    """
    for name, smallest in least.items():
        value = getattr(description, name)
        if not is_whole(value, smallest):
            raise CheckpointError(
                f"{name} of {kind} must be a whole number from {smallest}, got {value!r}"
            )


def described(make: Callable[[Dict[str, Any]], T], data: Mapping[str, Any], kind: str) -> T:
    """Make a description of plain data (JSON or a checkpoint).

    Args:
        make: takes a copy of the data; may raise TypeError or ValueError.
        data: field → value.
        kind: of network, for the message.

    Raises:
        CheckpointError: a field is unknown, missing, of the wrong form or out of range.
    """
    if not isinstance(data, Mapping):
        raise CheckpointError(f"{kind} is described by an object, got {data!r:.80}")
    try:
        return make(dict(data))
    except CheckpointError:
        raise
    except (TypeError, ValueError) as exc:
        raise CheckpointError(f"{kind} cannot be described by {data!r}: {exc}") from exc
