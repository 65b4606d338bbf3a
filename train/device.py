"""What training runs on: PyTorch's threads, and whether CUDA is there."""

from __future__ import annotations

from typing import Optional

import torch

from pcsr_edge.errors import BackendUnavailableError


def prepare_device(device: str, threads: Optional[int] = None) -> None:
    """Check that `device` (`cpu` or `cuda`) exists and set the CPU threads of this process.

    Raises:
        BackendUnavailableError: PyTorch finds no CUDA device.
    """
    if threads is not None:
        torch.set_num_threads(threads)
    if device == "cuda" and not torch.cuda.is_available():
        raise BackendUnavailableError(
            "PyTorch finds no CUDA device; install a CUDA build of torch, or train with -d cpu"
        )
