"""`pcsr-edge evaluate`: PSNR and SSIM of models at several settings on a folder of pictures."""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Dict, List, Optional, Tuple

from pcsr_edge.cli import options, values
from pcsr_edge.cli.loading import bundle_folder, load_upscaler
from pcsr_edge.cli.model_settings import settings_of
from pcsr_edge.cli.report_files import check_report
from pcsr_edge.errors import UsageError
from pcsr_edge.streams import write_result

if TYPE_CHECKING:
    from pcsr_edge.cli.evaluation import Candidate
    from pcsr_edge.runtime.quality import Channel
    from pcsr_edge.runtime.upscaler import Upscaler

CHANNELS: Dict[str, Tuple[Channel, ...]] = {"y": ("y",), "rgb": ("rgb",), "both": ("y", "rgb")}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `evaluate`."""
    options.set_help(
        parser,
        "Measure PSNR and SSIM on a folder of pictures (HR). The LR pictures are made the way\n"
        "the field makes them: HR cropped to a multiple of the scale, MATLAB-style bicubic,\n"
        "rounded to 8 bit; or they are read from --lr-dir.",
        "pcsr-edge evaluate Set5/HR --bicubic --channel both",
        f"pcsr-edge evaluate kodak/ -n {options.DEFAULT_MODEL} --k 0 --k 0.5 --k 1 --adaptive",
        "pcsr-edge evaluate Set5/HR --lr-dir Set5/LR_x4 -m ./my-bundle --csv scores.csv",
        "pcsr-edge evaluate Set5/HR --json > scores.json",
    )
    _add_data(parser)
    _add_candidates(parser)
    options.add_tile(parser)
    options.add_device(parser)
    parser.add_argument("--no-progress", action="store_true", help="show no progress line")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write the table into FILE")
    parser.add_argument("--overwrite", action="store_true", help="replace an existing FILE")
    options.add_json(parser)
    options.add_messages(parser)


def _add_data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("hr_dir", type=Path, metavar="HR_DIR", help="folder of HR pictures")
    parser.add_argument("--lr-dir", type=Path, metavar="DIR", help="LR pictures of the same names")
    parser.add_argument(
        "-s",
        "--scale",
        type=values.positive,
        metavar="S",
        help="whole magnification (default: what each model was trained for)",
    )
    parser.add_argument(
        "--channel",
        choices=sorted(CHANNELS),
        default="y",
        help="luma (BT.601), RGB or both (default y)",
    )


def _add_candidates(parser: argparse.ArgumentParser) -> None:
    options.add_models(parser)
    options.add_settings(parser)
    parser.add_argument("--bicubic", action="store_true", help="measure bicubic as a baseline")


def run(args: argparse.Namespace) -> int:
    """Measure, then print the table."""
    from pcsr_edge.cli import score_table
    from pcsr_edge.cli.evaluation import evaluate
    from pcsr_edge.cli.picture_set import PictureSet
    from pcsr_edge.cli.progress import Progress

    if args.csv is not None:
        check_report(args.csv, args.overwrite)
    channels = CHANNELS[args.channel]
    data = PictureSet(args.hr_dir, args.lr_dir)
    with ExitStack() as stack:
        candidates = candidates_of(args, stack)
        total = len(data.pictures) * len(candidates)
        enabled = not (args.no_progress or args.quiet)
        with Progress(total, enabled=enabled, noun="measurement") as progress:
            rows = evaluate(candidates, data, channels, progress.one_done)
    if args.csv:
        score_table.write_csv(args.csv, rows, args.overwrite)
    as_wanted = score_table.as_json if args.json else score_table.as_text
    write_result(as_wanted(data, rows))
    return 0


def candidates_of(args: argparse.Namespace, stack: ExitStack) -> List[Candidate]:
    """Return the lines of the table; the upscalers are closed with `stack`.

    Raises:
        UsageError: a model has no scale of its own and none is given, or a class is unknown.
    """
    from pcsr_edge.cli.evaluation import Candidate

    candidates: List[Candidate] = []
    models = [*args.model, *map(bundle_folder, args.model_path)]
    for model in models or [options.DEFAULT_MODEL]:
        upscaler = stack.enter_context(load_upscaler(args, model))
        scale = _scale_of(upscaler, args.scale)
        for setting, chosen in settings_of(args, upscaler.bundle.manifest):
            run_options = {**chosen, "tile": args.tile, "memory_limit": args.memory_limit}
            name = upscaler.bundle.name
            candidates.append(Candidate(name, scale, setting, upscaler, run_options))
    if args.bicubic:
        scales = sorted({candidate.scale for candidate in candidates})
        candidates[:0] = [Candidate("bicubic", scale, "", None, {}) for scale in scales]
    return candidates


def _scale_of(upscaler: Upscaler, asked: Optional[int]) -> int:
    own = upscaler.bundle.manifest.scale
    if asked is not None:
        return asked
    if isinstance(own, str):
        raise UsageError(f"model {upscaler.bundle.name} works at any scale; name one with --scale")
    return own
