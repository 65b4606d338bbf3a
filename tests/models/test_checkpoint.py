"""Our own checkpoints: what is saved is loaded, what does not fit is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict

import pytest
import torch

from pcsr_edge.errors import CheckpointError
from pcsr_edge.models import (
    PCSR,
    Checkpoint,
    PCSRConfig,
    Plain,
    PlainConfig,
    load_checkpoint,
    save_checkpoint,
)
from pcsr_edge.models.files import read_torch_file, write_torch_file

CONFIG = PCSRConfig("fsrcnn", {"d": 4, "s": 2, "m": 1}, ((4,), (2,)), mean=(0.1, 0.2, 0.3))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a checkpoint of a small network."""
    torch.manual_seed(0)
    save_checkpoint(tmp_path / "c.pth", Checkpoint(PCSR(CONFIG), {"recipe": "tiny", "steps": 3}))
    return tmp_path / "c.pth"


def change(path: Path, **entries: Any) -> None:
    """Replace entries of a checkpoint file; None removes one."""
    content: Dict[str, Any] = {**read_torch_file(path), **entries}
    write_torch_file(path, {name: value for name, value in content.items() if value is not None})


def test_network_and_provenance_come_back(path: Path) -> None:
    torch.manual_seed(0)
    made = PCSR(CONFIG).state_dict()
    loaded = load_checkpoint(path)
    assert loaded.provenance == {"recipe": "tiny", "steps": 3}
    assert loaded.model.config == CONFIG
    assert all(torch.equal(made[name], value) for name, value in loaded.model.state_dict().items())


def test_a_plain_network_comes_back(tmp_path: Path) -> None:
    made = Plain(PlainConfig(2, 4, 1))
    save_checkpoint(tmp_path / "p.pth", Checkpoint(made, {"steps": 3}))
    loaded = load_checkpoint(tmp_path / "p.pth")
    assert isinstance(loaded.model, Plain)
    assert loaded.model.config == made.config
    weights = loaded.model.state_dict()
    assert all(torch.equal(value, weights[name]) for name, value in made.state_dict().items())


def test_the_network_is_ready_for_evaluation(path: Path) -> None:
    assert not load_checkpoint(path).model.training


def test_half_precision_weights_become_single(path: Path) -> None:
    weights = read_torch_file(path)["weights"]
    change(path, weights={name: value.half() for name, value in weights.items()})
    dtypes = {value.dtype for value in load_checkpoint(path).model.state_dict().values()}
    assert dtypes == {torch.float32}


def test_a_newer_version_asks_for_an_update(path: Path) -> None:
    change(path, version=2)
    with pytest.raises(CheckpointError, match="format version 2, this release reads 1; update"):
        load_checkpoint(path)


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        pytest.param({"format": "other"}, "neither one of ours nor a published", id="format"),
        pytest.param(
            {"method": "elan"}, "holds method 'elan', expected one of pcsr, plain", id="method"
        ),
        pytest.param({"method": ["plain"]}, "holds method", id="method-list"),
        pytest.param({"method": "plain"}, "plain model cannot be described", id="other-method"),
        pytest.param({"config": None}, "lacks config", id="no-config"),
        pytest.param({"weights": None}, "lacks weights", id="no-weights"),
        pytest.param({"config": [1]}, "described by an object", id="config-list"),
        pytest.param({"config": {"backbone": "edsr"}}, "unknown backbone", id="backbone"),
        pytest.param({"weights": {}}, "do not fit its description: .*Missing", id="empty"),
        pytest.param({"weights": [1]}, "do not fit its description", id="weights-list"),
        pytest.param({"weights": {"mean": 3}}, "do not fit its description", id="number"),
        pytest.param({"provenance": "home"}, "as its provenance", id="provenance"),
    ],
)
def test_content_that_does_not_fit_is_refused(
    path: Path, entries: Dict[str, Any], message: str
) -> None:
    change(path, **entries)
    with pytest.raises(CheckpointError, match=message):
        load_checkpoint(path)


def test_weights_of_another_size_are_refused(path: Path) -> None:
    change(path, config=PCSRConfig("fsrcnn", {"d": 5, "s": 2, "m": 1}, ((4,), (2,))).to_dict())
    with pytest.raises(CheckpointError, match="size mismatch"):
        load_checkpoint(path)


@pytest.mark.parametrize("content", [[1, 2], torch.zeros(3), {}], ids=["list", "tensor", "empty"])
def test_a_torch_file_without_a_model_is_refused(tmp_path: Path, content: Any) -> None:
    write_torch_file(tmp_path / "a.pth", content)
    with pytest.raises(CheckpointError, match=r"not a model|neither one of ours"):
        load_checkpoint(tmp_path / "a.pth")


def test_provenance_must_be_plain_data(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="plain JSON data"):
        save_checkpoint(tmp_path / "c.pth", Checkpoint(PCSR(CONFIG), {"folder": tmp_path}))
    assert not (tmp_path / "c.pth").exists()
