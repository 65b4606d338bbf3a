"""The published PCSR checkpoints: names, class order, normalisation, reference quality."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Tuple

import numpy as np
import pytest
import torch
from PIL import Image
from torch.nn import functional as F

from pcsr_edge.errors import CheckpointError
from pcsr_edge.models import PCSR, load_checkpoint
from pcsr_edge.models.files import write_torch_file
from pcsr_edge.models.geometry import query_inputs
from pcsr_edge.models.published import CARN_MEAN
from pcsr_edge.runtime.quality import psnr

HEAVY, LIGHT = [6, 5], [3]


def sampler(hidden: List[int]) -> Dict[str, Any]:
    """Describe an MLP as the authors do."""
    return {"name": "liif-sampler", "args": {"imnet_spec": {"args": {"hidden_list": hidden}}}}


def mlp_weights(name: str, widths: List[int]) -> Dict[str, torch.Tensor]:
    """Draw the weights of an MLP under the authors' names."""
    out = {}
    for index, (fan_in, fan_out) in enumerate(zip(widths, widths[1:])):
        prefix = f"{name}.imnet.layers.{2 * index}"
        out[f"{prefix}.weight"] = torch.randn(fan_out, fan_in)
        out[f"{prefix}.bias"] = torch.randn(fan_out)
    return out


def fsrcnn_weights(d: int, s: int, m: int) -> Dict[str, torch.Tensor]:
    """Draw the weights of the authors' FSRCNN."""
    shapes: Dict[str, Tuple[int, ...]] = {
        "head_conv.0.weight": (d, 3, 5, 5),
        "head_conv.0.bias": (d,),
        "head_conv.1.weight": (1,),
        "body_conv.0.0.weight": (s, d, 1, 1),
        "body_conv.0.0.bias": (s,),
        "body_conv.0.1.weight": (1,),
        f"body_conv.{m + 1}.weight": (1,),
        f"body_conv.{m + 2}.0.weight": (d, s, 1, 1),
        f"body_conv.{m + 2}.0.bias": (d,),
        f"body_conv.{m + 2}.1.weight": (1,),
    }
    for layer in range(1, m + 1):
        shapes[f"body_conv.{layer}.weight"] = (s, s, 3, 3)
        shapes[f"body_conv.{layer}.bias"] = (s,)
    return {f"encoder.{name}": torch.randn(shape) for name, shape in shapes.items()}


def fusion_weights(name: str, nf: int, inputs: int) -> Dict[str, torch.Tensor]:
    """Draw one of the authors' 1x1 convolutions with batch norm."""
    out = {f"{name}.0.weight": torch.randn(nf, inputs * nf, 1, 1)}
    for kind in ("weight", "bias", "running_mean", "running_var"):
        out[f"{name}.1.{kind}"] = torch.rand(nf)
    out[f"{name}.1.num_batches_tracked"] = torch.tensor(9)
    return out


def carn_weights(nf: int, group: int) -> Dict[str, torch.Tensor]:
    """Draw the weights of the authors' CARN-M."""
    out = {"encoder.entry.weight": torch.randn(nf, 3, 3, 3), "encoder.entry.bias": torch.randn(nf)}
    for stage in (1, 2, 3):
        out.update(fusion_weights(f"encoder.c{stage}", nf, stage + 1))
        for fusion in (1, 2, 3):
            out.update(fusion_weights(f"encoder.b{stage}.c{fusion}", nf, fusion + 1))
        body = f"encoder.b{stage}.b1.body"
        for layer, shape in ((0, (nf // group, 3, 3)), (2, (nf // group, 3, 3)), (4, (nf, 1, 1))):
            out[f"{body}.{layer}.weight"] = torch.randn(nf, *shape)
            out[f"{body}.{layer}.bias"] = torch.randn(nf)
    return out


def srresnet_weights(nf: int, blocks: int) -> Dict[str, torch.Tensor]:
    """Draw the weights of the authors' SRResNet."""
    out = {"encoder.conv_first.weight": torch.randn(nf, 3, 3, 3)}
    out["encoder.conv_first.bias"] = torch.randn(nf)
    for block in range(blocks):
        for conv in ("conv1", "conv2"):
            name = f"encoder.recon_trunk.{block}.{conv}"
            out[f"{name}.weight"], out[f"{name}.bias"] = torch.randn(nf, nf, 3, 3), torch.randn(nf)
    return out


def published(encoder: Dict[str, Any], features: int, classifier: List[int]) -> Dict[str, Any]:
    """Return a checkpoint in the authors' layout, its encoder's weights left out."""
    torch.manual_seed(0)
    sd = {
        **mlp_weights("heavy_sampler", [features + 4, *HEAVY, 3]),
        **mlp_weights("light_sampler", [features + 4, *LIGHT, 3]),
        **mlp_weights("classifier", [features + 4, *classifier, 2]),
    }
    args = {
        "encoder_spec": encoder,
        "heavy_sampler_spec": sampler(HEAVY),
        "light_sampler_spec": sampler(LIGHT),
        "classifier_spec": sampler(classifier),
    }
    return {"model": {"name": "pcsr-phase1", "args": args, "sd": sd}, "iter": 7}


@pytest.fixture
def content() -> Dict[str, Any]:
    """Return a small published FSRCNN-PCSR."""
    args = {"d": 6, "s": 4, "m": 2, "no_upsampling": True}
    out = published({"name": "fsrcnn", "args": args}, 6, [5])
    out["model"]["sd"].update(fsrcnn_weights(6, 4, 2))
    return out


def load(folder: Path, content: Dict[str, Any]) -> PCSR:
    """Write a checkpoint and load it."""
    write_torch_file(folder / "published.pth", content)
    return load_checkpoint(folder / "published.pth").model


def test_the_heavy_sampler_becomes_class_0(tmp_path: Path, content: Dict[str, Any]) -> None:
    model = load(tmp_path, content)
    theirs = content["model"]["sd"]["heavy_sampler.imnet.layers.0.weight"]
    assert model.config.upsamplers == (tuple(HEAVY), tuple(LIGHT))
    assert torch.equal(model.upsampler(0).first.weight, theirs)


@pytest.mark.parametrize("hidden", [[], [5]], ids=["linear", "hidden"])
def test_the_classifier_tells_heavy_first(
    tmp_path: Path, content: Dict[str, Any], hidden: List[int]
) -> None:
    model, sd = content["model"], content["model"]["sd"]
    model["args"]["classifier_spec"] = sampler(hidden)
    for name in [name for name in sd if name.startswith("classifier")]:
        del sd[name]
    sd.update(mlp_weights("classifier", [10, *hidden, 2]))
    query = torch.rand(10)
    theirs = query
    for index in range(len(hidden) + 1):
        layer = f"classifier.imnet.layers.{2 * index}"
        theirs = F.linear(torch.relu(theirs) if index else theirs, sd[f"{layer}.weight"])
        theirs = theirs + sd[f"{layer}.bias"]
    torch.testing.assert_close(load(tmp_path, content).logits(query), theirs.flip(0))


def test_fsrcnn_of_another_depth(tmp_path: Path) -> None:
    args = {"d": 6, "s": 4, "m": 3, "no_upsampling": True}
    content = published({"name": "fsrcnn", "args": args}, 6, [])
    weights = fsrcnn_weights(6, 4, 3)
    content["model"]["sd"].update(weights)
    backbone = load(tmp_path, content).backbone
    assert backbone.receptive_radius == 5
    assert torch.equal(
        backbone.get_parameter("expand.0.weight"), weights["encoder.body_conv.5.0.weight"]
    )


def test_carn_with_its_mean_and_its_groups(tmp_path: Path) -> None:
    content = published({"name": "carn", "args": {"nf": 6, "group": 3}}, 6, [])
    weights = carn_weights(6, 3)
    content["model"]["sd"].update(weights)
    model = load(tmp_path, content)
    ours = dict(model.backbone.state_dict())
    assert model.config.mean == CARN_MEAN
    for name, theirs in [
        ("blocks.1.residual.body.2.weight", "encoder.b2.b1.body.2.weight"),
        ("blocks.2.cascade.fusions.0.1.running_var", "encoder.b3.c1.1.running_var"),
        ("cascade.fusions.2.0.weight", "encoder.c3.0.weight"),
    ]:
        assert torch.equal(ours[name], weights[theirs])


def test_srresnet_follows_the_authors_code(tmp_path: Path) -> None:
    content = published(
        {"name": "srresnet", "args": {"nf": 4, "nb": 2, "no_upsampling": True}}, 4, []
    )
    weights = srresnet_weights(4, 2)
    content["model"]["sd"].update(weights)
    backbone = load(tmp_path, content).backbone
    assert torch.equal(
        backbone.get_parameter("body.1.body.2.bias"), weights["encoder.recon_trunk.1.conv2.bias"]
    )


def test_phase_0_has_one_class(tmp_path: Path, content: Dict[str, Any]) -> None:
    model = content["model"]
    model["name"] = "pcsr-phase0"
    del model["args"]["light_sampler_spec"], model["args"]["classifier_spec"]
    for name in [n for n in model["sd"] if n.startswith(("light", "classifier"))]:
        del model["sd"][name]
    assert load(tmp_path, content).classes == 1


def test_sizes_left_out_are_the_authors_defaults(tmp_path: Path) -> None:
    content = published({"name": "fsrcnn", "args": {}}, 56, [])
    content["model"]["sd"].update(fsrcnn_weights(56, 12, 4))
    assert load(tmp_path, content).backbone.feature_channels == 56


def test_provenance_says_published(tmp_path: Path, content: Dict[str, Any]) -> None:
    load(tmp_path, content)
    provenance = load_checkpoint(tmp_path / "published.pth").provenance
    assert provenance == {"source": "published PCSR checkpoint published.pth", "steps": 7}


@pytest.mark.parametrize(
    ("where", "value", "message"),
    [
        pytest.param(["args", "encoder_spec", "name"], "edsr", "'edsr' is not known", id="encoder"),
        pytest.param(["args", "encoder_spec"], {}, "missing or unknown", id="no-encoder"),
        pytest.param(["args", "heavy_sampler_spec"], 3, "missing or unknown", id="sampler"),
        pytest.param(["args", "encoder_spec", "args", "d"], "6", "cannot be built", id="text"),
        pytest.param(["sd", "encoder.tail.0.weight"], 1, "do not fit", id="weight"),
        pytest.param(["sd", "classifier.imnet.layers.x"], 1, "missing or unknown", id="layer"),
        pytest.param(["sd"], [], "missing or unknown", id="no-weights"),
        pytest.param(["sd"], {}, "do not fit its description", id="empty"),
    ],
)
def test_a_layout_that_is_not_theirs_is_refused(
    tmp_path: Path, content: Dict[str, Any], where: List[str], value: Any, message: str
) -> None:
    entry = content["model"]
    for name in where[:-1]:
        entry = entry[name]
    entry[where[-1]] = value
    with pytest.raises(CheckpointError, match=message):
        load(tmp_path, content)


def refined(sr: torch.Tensor, class_map: torch.Tensor) -> torch.Tensor:
    """Refine as the published code does (two classes)."""
    heavy = (class_map == 0)[:, None].float()
    chosen = (heavy == 0) & (F.max_pool2d(heavy, 3, 1, 1) > 0)
    chosen[..., [0, -1], :] = False
    chosen[..., [0, -1]] = False
    return torch.where(chosen, F.avg_pool2d(sr, 3, 1, 1), sr)


@torch.no_grad()
def upscale(model: PCSR, lr: Any) -> Any:
    """Super-resolve a uint8 image by 4 at k = 0, with refinement."""
    x = torch.from_numpy(lr.copy()).permute(2, 0, 1)[None].float() / 255
    size = (4 * lr.shape[0], 4 * lr.shape[1])
    queries = query_inputs(model.backbone(model.normalise(x)), size)
    class_map = model.logits(queries).argmax(-1).reshape(1, *size)
    sr = refined(model(x, size, class_map), class_map)[0]
    return sr.mul(255).round().clamp(0, 255).byte().permute(1, 2, 0).numpy()


@pytest.mark.parametrize(
    ("name", "luma", "rgb"), [("fsrcnn", 30.90, 28.88), ("carn", 31.82, 29.88)], ids=str
)
def test_published_weights_reach_their_quality(
    shared_data: Path, name: str, luma: float, rgb: float
) -> None:
    model = load_checkpoint(shared_data / "weights" / "pcsr" / f"{name}-pcsr-x4.pth").model
    measured = []
    for path in sorted((shared_data / "test" / "set5" / "x4" / "HR").iterdir()):
        hr = np.asarray(Image.open(path).convert("RGB"))
        lr = np.asarray(Image.open(path.parents[1] / "LR" / path.name).convert("RGB"))
        sr = upscale(model, lr)
        measured.append((psnr(sr, hr, "y", 4), psnr(sr, hr, "rgb", 4)))
    assert np.mean(measured, axis=0) == pytest.approx([luma, rgb], abs=0.01)


def test_published_normalisation(shared_data: Path) -> None:
    folder = shared_data / "weights" / "pcsr"
    assert load_checkpoint(folder / "carn-pcsr-x4.pth").model.config.mean == CARN_MEAN
    assert load_checkpoint(folder / "fsrcnn-pcsr-x4.pth").model.config.mean == (0.0, 0.0, 0.0)


def test_published_baselines_are_no_pcsr(shared_data: Path) -> None:
    with pytest.raises(CheckpointError, match="neither one of ours nor a published PCSR"):
        load_checkpoint(shared_data / "weights" / "pcsr" / "fsrcnn-x4.pth")
