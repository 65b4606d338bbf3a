"""The plain networks that PCSR is built upon, exported whole: the bar in the same engine.

FSRCNN (Dong et al., ECCV 2016) and CARN-M (Ahn et al., ECCV 2018) with their own upsampling, as
the authors of PCSR trained and published them beside it. They are exported by
`torch.onnx.export`, as anyone would, and run by ONNX Runtime with its defaults.
"""

from __future__ import annotations

import copy
import io
from pathlib import Path
from typing import Any, Callable, Dict, Mapping

import numpy as np
import onnxruntime
import torch
from torch import nn

from pcsr_edge.models.carn import CARN
from pcsr_edge.models.fsrcnn import FSRCNN
from pcsr_edge.models.published import CARN_MEAN, backbone_weights

OPSET = 17
KERNEL = 9
"""Side of FSRCNN's deconvolution."""


class PlainFSRCNN(nn.Module):
    """FSRCNN with its deconvolution."""

    def __init__(self, weights: Mapping[str, torch.Tensor], scale: int, d: int) -> None:
        super().__init__()
        self.backbone = FSRCNN(d)
        # So that a cell's centre stays where it was: no published picture is shifted.
        padding = (KERNEL - scale + 1) // 2
        extra = 2 * padding + scale - KERNEL
        self.tail = nn.ConvTranspose2d(d, 3, KERNEL, scale, padding, output_padding=extra)
        own = {k: v for k, v in weights.items() if not k.startswith("tail_conv")}
        self.backbone.load_state_dict(backbone_weights("fsrcnn", own, {"m": 4}))
        tail = {k[len("tail_conv.") :]: v for k, v in weights.items() if k not in own}
        self.tail.load_state_dict(tail)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Map (1, 3, h, w) in [0, 1] to (1, 3, h*scale, w*scale)."""
        out: torch.Tensor = self.tail(self.backbone(image))
        return out


class PlainCARN(nn.Module):
    """CARN-M with its grouped convolutions and pixel shuffles."""

    def __init__(self, weights: Mapping[str, torch.Tensor], scale: int, nf: int) -> None:
        super().__init__()
        if scale != 4:
            raise ValueError(f"scale {scale}: only x4 is published")
        self.backbone = CARN(nf, 4)
        stage = [nn.Conv2d(nf, 4 * nf, 3, padding=1, groups=4), nn.ReLU(), nn.PixelShuffle(2)]
        again = [nn.Conv2d(nf, 4 * nf, 3, padding=1, groups=4), nn.ReLU(), nn.PixelShuffle(2)]
        self.upsample = nn.Sequential(*stage, *again)
        self.exit = nn.Conv2d(nf, 3, 3, padding=1)
        self.mean: torch.Tensor
        self.register_buffer("mean", torch.tensor(CARN_MEAN).view(1, 3, 1, 1), persistent=False)
        own = {k: v for k, v in weights.items() if k.split(".")[0] not in ("upsample", "exit")}
        self.backbone.load_state_dict(backbone_weights("carn", own, {}))
        prefix = "upsample.up.body."
        self.upsample.load_state_dict(
            {k[len(prefix) :]: v for k, v in weights.items() if k.startswith(prefix)}
        )
        self.exit.load_state_dict(
            {k[len("exit.") :]: v for k, v in weights.items() if k.startswith("exit.")}
        )

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Map (1, 3, h, w) in [0, 1] to (1, 3, 4h, 4w)."""
        out: torch.Tensor = self.exit(self.upsample(self.backbone(image - self.mean))) + self.mean
        return out


def load_baseline(path: Path) -> nn.Module:
    """Load a published baseline: `fsrcnn` or `carn`, told by the file itself."""
    content = torch.load(path, map_location="cpu", weights_only=True)["model"]
    name, args, weights = content["name"], content["args"], content["sd"]
    if name == "fsrcnn":
        return PlainFSRCNN(weights, args["upscale"], args["d"]).eval()
    return PlainCARN(weights, args["scale"], args["nf"]).eval()


class _Half(nn.Module):
    """A network in float16, its input and output in float32."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        # The float32 one goes on being used.
        self._model = copy.deepcopy(model).half()

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self._model(image.half())
        return out.float()


def exported(model: nn.Module, precision: str = "fp32") -> bytes:
    """Return the ONNX file that PyTorch's exporter makes, any height and width, fp32 or fp16."""
    model = _Half(model) if precision == "fp16" else model
    buffer = io.BytesIO()
    axes: Dict[str, Dict[int, str]] = {"image": {2: "h", 3: "w"}, "sr": {2: "H", 3: "W"}}
    torch.onnx.export(
        model,
        (torch.zeros(1, 3, 16, 16),),
        buffer,  # type: ignore[arg-type]
        input_names=["image"],
        output_names=["sr"],
        dynamic_axes=axes,
        opset_version=OPSET,
        dynamo=False,
    )
    return buffer.getvalue()


def runner(graph: bytes, lr: Any, threads: int) -> Callable[[], Any]:
    """Return a function that upscales uint8 RGB `lr` (h, w, 3) to uint8, rounding included."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    # As our own sessions: threads that go on spinning would disturb who runs next.
    options.add_session_config_entry("session.force_spinning_stop", "1")
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])

    def run() -> Any:
        image = np.ascontiguousarray(lr.transpose(2, 0, 1)[None], dtype=np.float32)
        image *= np.float32(1 / 255)
        sr = session.run(None, {"image": image})[0][0]
        sr *= np.float32(255)
        return np.clip(np.rint(sr, out=sr), 0, 255, out=sr).astype(np.uint8).transpose(1, 2, 0)

    return run
