"""The backbones that a recipe or checkpoint can name (docs/adding_a_backbone.md adds one)."""

from __future__ import annotations

from pcsr_edge.models.backbone import BackboneRegistry
from pcsr_edge.models.carn import CARN
from pcsr_edge.models.fsrcnn import FSRCNN
from pcsr_edge.models.srresnet import SRResNet

BACKBONES = BackboneRegistry()
BACKBONES.add("fsrcnn", FSRCNN)
BACKBONES.add("carn", CARN)
BACKBONES.add("srresnet", SRResNet)
