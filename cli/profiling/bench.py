"""From arguments to cases that can run: models loaded, pictures at hand."""

from __future__ import annotations

import argparse
import hashlib
import time
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Union

from pcsr_edge.calib.profiling import Case, PeakMemory
from pcsr_edge.cli.console import Console
from pcsr_edge.cli.loading import bundle_folder
from pcsr_edge.cli.model_settings import NOTHING_TO_SET, settings_of
from pcsr_edge.cli.options import DEFAULT_MODEL
from pcsr_edge.cli.profiling.picture import Pixels, of_size
from pcsr_edge.cli.profiling.video_workload import VideoWorkload, write_clip
from pcsr_edge.cli.profiling.workload import UpscalerWorkload
from pcsr_edge.cli.values import Size
from pcsr_edge.errors import UsageError
from pcsr_edge.runtime.bundle import Bundle
from pcsr_edge.runtime.images import Picture, write_picture
from pcsr_edge.runtime.ladder.rung import CHANNEL, DATA
from pcsr_edge.runtime.manifest import Manifest
from pcsr_edge.runtime.options import scaled_size
from pcsr_edge.runtime.patch_table import table_hash
from pcsr_edge.runtime.upscaler import AUTO_MODEL, Upscaler

DEFAULT_SCALE = 4.0
VIDEO = "mp4"
"""The format that is no picture."""


@dataclass(frozen=True)
class Station:
    """A case and what runs it."""

    case: Case
    workload: UpscalerWorkload
    load_ms: float
    shared: bool
    """Whether a case before it runs the same engines."""


def stations(
    args: argparse.Namespace,
    pictures: Mapping[Size, Pixels],
    folder: Optional[Path],
    memory: PeakMemory,
    stack: ExitStack,
) -> List[Station]:
    """Load every model for every device, precision and number of threads; combine with the rest.

    Args:
        args: of `profile`.
        pictures: what is measured, by size.
        folder: where frames are read and written; None leaves decoding and encoding out.
        memory: asked after each frame.
        stack: closes the upscalers.

    Raises:
        PcsrEdgeError: a model cannot be loaded or cannot do what is asked for.
    """
    sources = {size: _source(folder, size, pixels, args) for size, pixels in pictures.items()}
    found: List[Station] = []
    for number, (upscaler, name, device, precision, load_ms) in enumerate(_loaded(args, stack)):
        manifest = upscaler.bundle.manifest
        scale = _scale(args.scale, manifest)
        runs = product(pictures.items(), dict(settings_of(args, manifest)).items())
        for turn, ((size, pixels), (setting, chosen)) in enumerate(runs):
            output = scaled_size((size.height, size.width), scale)
            options = {"size": output, "tile": args.tile, "memory_limit": args.memory_limit}
            target = None if folder is None else folder / f"{number}-{turn}.{args.format}"
            kind = UpscalerWorkload if folder is None or args.format != VIDEO else VideoWorkload
            workload = kind(upscaler, pixels, {**options, **chosen}, memory, sources[size], target)
            case = Case(
                model=name,
                method=manifest.method,
                setting="" if setting == NOTHING_TO_SET else setting,
                options=chosen,
                size=(size.height, size.width),
                output_size=output,
                precision=precision,
                backend=upscaler.backend_name,
                device=device,
                threads=upscaler.threads,
                psnr=stated_psnr(manifest, scale, chosen),
                graphs=_hash(upscaler.bundle, precision),
            )
            found.append(Station(case, workload, load_ms, shared=turn > 0))
    return found


def stated_psnr(manifest: Manifest, scale: float, chosen: Mapping[str, Any]) -> Optional[float]:
    """Return the PSNR in dB on Set5, Y, that a bundle states for a setting."""
    wanted = (DATA, CHANNEL, scale, *map(chosen.get, ("k", "eta", "force_class")))
    if chosen.get("adaptive") or chosen.get("halo"):
        return None
    for q in manifest.quality:
        if (q.data, q.channel, q.scale, q.k, q.eta, q.force_class) == wanted:
            return q.psnr
    return None


def cut_pictures(picture: Pixels, sizes: Sequence[Size]) -> Dict[Size, Pixels]:
    """Return the picture at every size, each once."""
    return {size: of_size(picture, size) for size in sizes}


class _Loaded(NamedTuple):
    upscaler: Upscaler
    name: str
    device: str
    precision: str
    load_ms: float


def _loaded(args: argparse.Namespace, stack: ExitStack) -> Iterator[_Loaded]:
    models: List[Union[str, Path]] = [*args.model, *map(bundle_folder, args.model_path)]
    if AUTO_MODEL in models:
        raise UsageError(f"model {AUTO_MODEL} is for upscale; name a model here, or see tune")
    choices = product(models or [DEFAULT_MODEL], args.device, args.precision, args.threads)
    names: Dict[str, Union[str, Path]] = {}
    for model, device, precision, threads in dict.fromkeys(choices):
        begin = time.perf_counter()
        upscaler = Upscaler.load(
            model, device=device, threads=threads, precision=precision, say=Console.of(args).say
        )
        load_ms = (time.perf_counter() - begin) * 1e3
        name = upscaler.bundle.name
        # Two folders may hold bundles of one name: one as it was, one trained anew.
        name = name if names.setdefault(name, model) == model else f"{name} ({model})"
        yield _Loaded(stack.enter_context(upscaler), name, device, precision, load_ms)


def _scale(asked: Optional[float], manifest: Manifest) -> float:
    if asked is not None:
        return asked
    return float(manifest.scale) if isinstance(manifest.scale, int) else DEFAULT_SCALE


def _hash(bundle: Bundle, precision: str) -> str:
    """Return a hash of all that decides what runs: graphs, and the table of a supernet."""
    graphs = bundle.manifest.precisions[precision]
    lines = [f"{name} {graphs[name].sha256}" for name in sorted(graphs)]
    text = "\n".join([*lines, *filter(None, [table_hash(bundle)])])
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _source(
    folder: Optional[Path], size: Size, pixels: Pixels, args: argparse.Namespace
) -> Optional[Path]:
    if folder is None:
        return None
    path = folder / f"in-{size}.{args.format}"
    if args.format == VIDEO:
        write_clip(pixels, path)
    else:
        write_picture(Picture(pixels), path)
    return path
