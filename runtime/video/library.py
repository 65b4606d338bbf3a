"""PyAV, which brings FFmpeg; an optional dependency that is loaded when a video comes."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import lru_cache
from types import ModuleType
from typing import Any, Iterator

from pcsr_edge.errors import PcsrEdgeError
from pcsr_edge.installation import advice, install_command

OLDEST = 12


def pyav() -> ModuleType:
    """Return the module `av`.

    Raises:
        PcsrEdgeError: it is not installed, or too old.
    """
    try:
        import av
    except ImportError as exc:
        raise PcsrEdgeError(
            f"video needs PyAV, which is not installed; {advice(install_command('video'))}"
        ) from exc
    if int(av.__version__.partition(".")[0]) < OLDEST:
        raise PcsrEdgeError(
            f"PyAV {av.__version__} is too old, expected {OLDEST} or newer; "
            f"{advice(install_command('video'))}"
        )
    _silence(av)
    module: ModuleType = av
    return module


@lru_cache(maxsize=None)
def _silence(av: ModuleType) -> None:
    """Keep FFmpeg quiet, once: the module is asked for with every frame."""
    # Whatever goes wrong comes as an exception; messages of its own would tear the progress.
    av.logging.set_level(av.logging.PANIC)
    # SVT-AV1 has a log of its own; 1 leaves its errors.
    os.environ.setdefault("SVT_LOG", "1")


def can_tag_rotation() -> bool:
    """Return whether this PyAV can write by how much players shall turn a picture."""
    return hasattr(pyav().VideoStream, "set_display_rotation")


def can_copy_chapters() -> bool:
    """Return whether this PyAV reads and writes chapters."""
    return hasattr(pyav().container.OutputContainer, "set_chapters")


def packets_of(container: Any, *streams: Any) -> Iterator[Any]:
    """Yield the packets of streams, of all where none is named, up to the end or to damage.

    Where a file cannot be read on, it ends; who reads it compares with what should be there.
    """
    with suppress(pyav().error.FFmpegError):
        yield from container.demux(*streams)


def rest(stream: Any) -> None:
    """Bring the threads of a stream's decoder to rest; what they hold is dropped.

    They take Python's lock to release packets. Python holds that lock while it frees a decoder,
    and at its own end it ends threads that ask for it: either way the decoder, which waits for
    its threads, would wait for ever.
    """
    stream.codec_context.flush_buffers()
