"""`pcsr-edge evaluate`: PSNR and SSIM of models at several settings on a folder of pictures."""

from __future__ import annotations

import argparse
import csv
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Optional, Tuple

from pcsr_edge.cli import options, reports, tables, values
from pcsr_edge.cli.console import Console
from pcsr_edge.cli.progress import Progress
from pcsr_edge.errors import DataError, OutputError, UsageError

if TYPE_CHECKING:
    from pcsr_edge.cli.evaluation import Candidate, Score
    from pcsr_edge.runtime.quality import Channel
    from pcsr_edge.runtime.upscaler import Upscaler

CHANNELS: Dict[str, Tuple[Channel, ...]] = {"y": ("y",), "rgb": ("rgb",), "both": ("y", "rgb")}
Row = Tuple["Candidate", "Score", List["Score"]]


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
    parser.add_argument("hr_dir", type=Path, metavar="HR_DIR", help="folder of HR pictures")
    parser.add_argument("--lr-dir", type=Path, metavar="DIR", help="LR pictures of the same names")
    parser.add_argument(
        "-n", "--model", action="append", default=[], metavar="NAME", help="a model; may repeat"
    )
    parser.add_argument(
        "-m",
        "--model-path",
        action="append",
        default=[],
        metavar="BUNDLE_DIR",
        help="a bundle's folder; may repeat",
    )
    parser.add_argument(
        "-s",
        "--scale",
        type=values.positive,
        metavar="S",
        help="whole magnification (default: what each model was trained for)",
    )
    parser.add_argument(
        "--k",
        type=values.finite,
        action="append",
        default=[],
        metavar="F",
        help="cost exponent; may repeat (default: the model's)",
    )
    parser.add_argument("--adaptive", action="store_true", help="measure adaptive decision (ADM)")
    parser.add_argument(
        "--class",
        dest="force_class",
        type=values.natural,
        action="append",
        default=[],
        metavar="N",
        help="measure with every pixel in class N, 0 = heaviest; may repeat",
    )
    parser.add_argument("--bicubic", action="store_true", help="measure bicubic as a baseline")
    parser.add_argument(
        "--channel",
        choices=sorted(CHANNELS),
        default="y",
        help="luma (BT.601), RGB or both (default y)",
    )
    parser.add_argument("--no-progress", action="store_true", help="show no progress line")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write the table into FILE")
    options.add_tile(parser)
    options.add_device(parser)
    options.add_json(parser)
    options.add_messages(parser)


def run(args: argparse.Namespace) -> int:
    """Measure, then print the table."""
    from pcsr_edge.cli.evaluation import mean_score, measure

    channels = CHANNELS[args.channel]
    with ExitStack() as stack:
        candidates = _candidates(args, stack)
        pictures = _pictures(args.hr_dir)
        enabled = not (args.no_progress or args.quiet)
        scores: List[List[Score]] = [[] for _ in candidates]
        progress = Progress(len(pictures) * len(candidates), enabled=enabled, noun="measurement")
        with progress:
            for path in pictures:
                for candidate, pair, found in _work(args, path, candidates, scores):
                    found.append(measure(candidate, pair, channels))
                    progress.one_done()
        rows = [(c, mean_score(found), found) for c, found in zip(candidates, scores)]
    if args.csv:
        _write_csv(args.csv, rows, channels)
    if args.json:
        print(reports.document("evaluate", _content(args, rows, len(pictures))))
    else:
        print(_text(args, rows, len(pictures)))
    return 0
