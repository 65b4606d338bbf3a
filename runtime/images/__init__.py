"""Picture files: reading, writing, and planning which file becomes which."""

from __future__ import annotations

from pcsr_edge.runtime.images.formats import OUTPUT_FORMATS, SUFFIXES
from pcsr_edge.runtime.images.header import MAX_PIXELS
from pcsr_edge.runtime.images.listing import picture_files
from pcsr_edge.runtime.images.picture import Picture, model_input, rejoin
from pcsr_edge.runtime.images.planes import resize_plane, to_8_bit
from pcsr_edge.runtime.images.planning import Job, OutputPlan, plan_outputs
from pcsr_edge.runtime.images.reading import read_picture
from pcsr_edge.runtime.images.writing import check_target, write_picture

__all__ = [
    "MAX_PIXELS",
    "OUTPUT_FORMATS",
    "SUFFIXES",
    "Job",
    "OutputPlan",
    "Picture",
    "check_target",
    "model_input",
    "picture_files",
    "plan_outputs",
    "read_picture",
    "rejoin",
    "resize_plane",
    "to_8_bit",
    "write_picture",
]
