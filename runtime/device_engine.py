"""Engines whose arrays live on a device: they queue work, and wait for nothing."""

from __future__ import annotations

from abc import abstractmethod
from typing import Dict

from pcsr_edge.runtime.device import Device
from pcsr_edge.runtime.engine import Array, Arrays, Engine


class DeviceEngine(Engine):
    """An engine on a device. A backend defines `enqueue`, and `close` if it holds resources.

    Args:
        device: whose memory and stream it uses.
    """

    def __init__(self, device: Device) -> None:
        self.device = device

    # Most engines keep nothing from frame to frame.
    def begin(self) -> None:
        """Learn that a frame begins; the device must be active, and nothing of this engine queued.

        What the calls until the next one need is used again by the frames that follow.
        """

    @abstractmethod
    def enqueue(self, inputs: Arrays) -> Dict[str, Array]:
        """Queue one run of the graph; the device must be active.

        Args:
            inputs: every input by name, contiguous arrays of the device's library with the dtype
                and rank that the graph declares.

        Returns:
            every output by name, to be used on the same stream; the next call of this engine
            may overwrite them.

        Raises:
            EngineError: the backend refused the inputs or failed.
        """

    def run(self, inputs: Arrays) -> Dict[str, Array]:
        """Run once on arrays of host memory, which cross to the device and back."""
        with self.device.active():
            self.begin()
            outputs = self.enqueue({n: self.device.upload(array) for n, array in inputs.items()})
            fetched = {name: self.device.fetch(array) for name, array in outputs.items()}
            return {name: wait() for name, wait in fetched.items()}
