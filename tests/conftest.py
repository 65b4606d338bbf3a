"""What tests of several rooms share."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Iterator

import pytest
from hypothesis import HealthCheck, settings

# A test asserts results, never times; and a run of CI must not fail for the examples that chance
# picked. `pytest --hypothesis-profile=random` looks for new ones.
# Fixtures that live for one test are shared by its examples; ours hold nothing that changes.
_timeless = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.register_profile("repeatable", _timeless, derandomize=True)
settings.register_profile("random", _timeless)
settings.load_profile("repeatable")

_BESIDE_THE_REPOSITORY = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the tests out of the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of data sets and published weights, which is no part of the repository."""
    folder = Path(os.environ.get("PCSR_EDGE_SHARED", _BESIDE_THE_REPOSITORY))
    if not folder.is_dir():
        pytest.skip(f"no shared data at {folder}; name its folder in PCSR_EDGE_SHARED")
    return folder


@pytest.fixture(scope="session", autouse=True)
def _heed_interrupts() -> None:
    """Heed SIGINT even where pytest runs in the background of a shell, which makes it ignored."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
