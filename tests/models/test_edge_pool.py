"""The networks of the edge-SR pool: definitions, reach, and the two ways to compute them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from pcsr_edge.errors import CheckpointError
from pcsr_edge.models import EdgeSR, ModelId, OneChannel, edge_network, load_checkpoint
from pcsr_edge.runtime.resample import bicubic

IDS = [
    "eSR-MAX_s2_K3_C1",
    "eSR-MAX_s3_K5_C3",
    "eSR-TM_s2_K5_C1",
    "eSR-TM_s4_K3_C2",
    "eSR-TM_s2_K7_C3",
    "eSR-TR_s3_K3_C2",
    "eSR-TR_s2_K5_C4",
    "eSR-CNN_s2_C2_D3_S4",
    "eSR-CNN_s4_C3_D0_S5",
    "ESPCN_s3_D4_S5",
    "ESPCN_s2_D0_S3",
    "FSRCNN_s2_D4_S3_M1",
    "FSRCNN_s3_D4_S3_M0",
    "FSRCNN_s4_D4_S3_M2",
    "Bicubic_s2",
    "Bicubic_s3",
    "Bicubic_s4",
    "Bicubic-PS_s3",
]


def network(text: str) -> OneChannel:
    """Build the network with weights that use every part of it."""
    torch.manual_seed(0)
    model = edge_network(ModelId(text)).eval().requires_grad_(False)
    if not text.startswith("Bicubic"):
        for weight in model.parameters():
            torch.nn.init.normal_(weight, std=0.4)
    return model


@pytest.mark.parametrize("text", IDS)
def test_phases_equal_the_published_form(text: str) -> None:
    model, y = network(text), torch.rand(2, 1, 11, 14)
    shuffled = F.pixel_shuffle(model.phases(y), model.config.scale)
    torch.testing.assert_close(shuffled, model(y), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("text", IDS)
def test_the_result_is_scale_times_as_large(text: str) -> None:
    model, scale = network(text), ModelId(text).scale
    assert model(torch.rand(1, 1, 7, 9)).shape == (1, 1, 7 * scale, 9 * scale)
    assert model.upscale(torch.rand(1, 1, 1, 1)).shape == (1, 1, scale, scale)


@pytest.mark.parametrize("text", [text for text in IDS if not text.startswith("Bicubic_")])
def test_the_radius_is_how_far_the_network_sees(text: str) -> None:
    model = network(text).double()
    reach, scale = model.receptive_radius, model.config.scale
    centre = reach + 2
    y = torch.rand(1, 1, 2 * centre + 1, 2 * centre + 1, dtype=torch.float64)
    changed = y.clone()
    changed[..., centre] += 10.0
    moved = (model(y) - model(changed)).abs().amax(dim=(0, 1, 2)) > 0
    cells = moved.reshape(-1, scale).any(dim=1).nonzero().flatten()
    assert (int(cells.min()), int(cells.max())) == (centre - reach, centre + reach)


def _parts(model: EdgeSR, y: torch.Tensor) -> torch.Tensor:
    """Filter as published: (groups, C, H, W)."""
    filtered = F.pixel_shuffle(model.filter(y), model.config.scale)[0]
    return filtered.reshape(model.groups, model.channels, *filtered.shape[1:])


def test_max_takes_the_largest_filter() -> None:
    model, y = network("eSR-MAX_s2_K3_C3"), torch.rand(1, 1, 6, 5)
    assert isinstance(model, EdgeSR)
    assert torch.equal(model(y)[0, 0], _parts(model, y)[0].max(dim=0).values)


def test_template_matching_weights_values_by_keys() -> None:
    model, y = network("eSR-TM_s2_K3_C3"), torch.rand(1, 1, 6, 5)
    assert isinstance(model, EdgeSR)
    value, key = _parts(model, y)
    expected = (value * key.exp()).sum(0) / key.exp().sum(0)
    torch.testing.assert_close(model(y)[0, 0], expected)


def test_transformer_weights_values_by_query_times_key() -> None:
    model, y = network("eSR-TR_s2_K3_C3"), torch.rand(1, 1, 6, 5)
    assert isinstance(model, EdgeSR)
    value, query, key = _parts(model, y)
    weight = (query * key).exp()
    torch.testing.assert_close(model(y)[0, 0], (value * weight).sum(0) / weight.sum(0))


def test_cnn_weights_values_by_squared_keys() -> None:
    model, y = network("eSR-CNN_s2_C3_D2_S4"), torch.rand(1, 1, 6, 5)
    assert isinstance(model, EdgeSR)
    value, key = _parts(model, y)
    weight = (key * key).exp()
    torch.testing.assert_close(model(y)[0, 0], (value * weight).sum(0) / weight.sum(0))


@pytest.mark.parametrize("text", ["Bicubic_s2", "Bicubic_s3", "Bicubic_s4", "Bicubic-PS_s4"])
def test_bicubic_is_bicubic_interpolation(text: str) -> None:
    scale = ModelId(text).scale
    y = np.random.default_rng(0).random((9, 7))
    got = edge_network(ModelId(text)).upscale(torch.from_numpy(y[None, None]).float())
    expected = bicubic(y, (9 * scale, 7 * scale), (scale, scale))
    np.testing.assert_allclose(got.detach().numpy()[0, 0], expected, atol=1e-6)


@pytest.mark.parametrize("text", ["eSR-MAX_s4_K5_C2", "eSR-TM_s2_K7_C4", "eSR-TR_s3_K5_C2"])
def test_training_of_one_layer_begins_near_bicubic(text: str) -> None:
    torch.manual_seed(1)
    scale = ModelId(text).scale
    y = torch.rand(1, 1, 20, 20) * 0.2 + 0.4
    base = edge_network(ModelId(f"Bicubic-PS_s{scale}")).upscale(y)
    difference = edge_network(ModelId(text)).upscale(y) - base
    assert float(difference.detach().abs().mean()) < 0.1


@pytest.mark.parametrize("text", ["eSR-CNN_s2_C2_D3_S6", "eSR-CNN_s4_C2_D0_S5"])
def test_training_of_a_cnn_begins_with_differences(text: str) -> None:
    y = torch.rand(1, 1, 9, 9, generator=torch.manual_seed(1)) * 0.2
    hidden = torch.nn.Sequential(*edge_network(ModelId(text)).hidden)
    inner = (..., slice(3, 6), slice(3, 6))
    dark, bright = (hidden(each)[inner].detach() for each in (y, y + 0.1))
    moved = (bright - dark).abs().amax(dim=(0, 2, 3))
    assert float(moved[0]) > 0.03
    # tanh bends the channel of the picture a little, and the next layer sees that.
    assert float(moved[1:].max()) < 0.01


def test_a_flat_picture_has_no_dark_frame() -> None:
    model = edge_network(ModelId("Bicubic-PS_s3"))
    assert float((model.upscale(torch.full((1, 1, 4, 5), 0.7)) - 0.7).detach().abs().max()) < 1e-6


def _save(folder: Path, text: str, **changes: object) -> Path:
    path = folder / f"{text}.model"
    torch.save({**network(text).state_dict(), **changes}, path)
    return path


def test_a_published_file_loads_by_its_name(tmp_path: Path) -> None:
    path = _save(tmp_path, "eSR-TM_s2_K7_C3")
    loaded = load_checkpoint(path).model
    assert isinstance(loaded, EdgeSR)
    assert torch.equal(loaded.filters(), network("eSR-TM_s2_K7_C3").filters())  # type: ignore


def test_a_file_without_an_id_as_its_name_is_refused(tmp_path: Path) -> None:
    path = _save(tmp_path, "eSR-TM_s2_K7_C3").rename(tmp_path / "best.model")
    with pytest.raises(CheckpointError, match=r"best\.model.*its name does not tell the model"):
        load_checkpoint(path)


def test_weights_of_another_size_are_refused(tmp_path: Path) -> None:
    path = _save(tmp_path, "eSR-TM_s2_K7_C3").rename(tmp_path / "eSR-TM_s2_K5_C3.model")
    with pytest.raises(CheckpointError, match=r"filter\.weight is 24x1x7x7, expected 24x1x5x5"):
        load_checkpoint(path)


def test_weights_of_another_family_are_refused(tmp_path: Path) -> None:
    path = _save(tmp_path, "ESPCN_s2_D2_S3").rename(tmp_path / "eSR-TM_s2_K5_C3.model")
    with pytest.raises(CheckpointError, match=r"filter\.weight is absent"):
        load_checkpoint(path)


def test_a_file_that_holds_no_tensors_is_refused(tmp_path: Path) -> None:
    path = _save(tmp_path, "eSR-MAX_s2_K3_C1", **{"filter.weight": "text"})
    with pytest.raises(CheckpointError, match=r"filter\.weight is no tensor"):
        load_checkpoint(path)


def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "eSR-MAX_s2_K3_C1.model"
    torch.save([1, 2], path)
    with pytest.raises(CheckpointError, match="holds a list, not weights"):
        load_checkpoint(path)
