"""What training runs on."""

from __future__ import annotations

from typing import Iterator

import pytest
import torch

from pcsr_edge.errors import BackendUnavailableError
from pcsr_edge.train import prepare_device


@pytest.fixture
def _threads_restored() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("_threads_restored")
@pytest.mark.parametrize("threads", [1, 2])
def test_the_number_of_threads_is_set(threads: int) -> None:
    prepare_device("cpu", threads)
    assert torch.get_num_threads() == threads


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has CUDA")
def test_absent_cuda_is_said_and_never_replaced() -> None:
    with pytest.raises(BackendUnavailableError, match="no CUDA device") as caught:
        prepare_device("cuda")
    assert caught.value.exit_code == 3
