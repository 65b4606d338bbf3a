"""A run that is interrupted."""

from __future__ import annotations


def stop_after(frames):
    """Return a watcher of progress that interrupts when so many frames are written."""

    def watch(progress) -> None:
        if progress.state.done >= frames:
            raise KeyboardInterrupt

    return watch
