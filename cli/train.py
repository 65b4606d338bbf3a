"""`pcsr-edge train`: train a model by a recipe, stop at any time, go on later."""

from __future__ import annotations

import argparse
import functools
import math
import signal
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, Dict, Iterator, Optional

from pcsr_edge.cli import options, values
from pcsr_edge.cli.console import Console, on_terminal
from pcsr_edge.cli.reports import document
from pcsr_edge.cli.tables import seconds_text
from pcsr_edge.errors import UsageError
from pcsr_edge.runtime.closing import Closing
from pcsr_edge.streams import write_result

if TYPE_CHECKING:
    from pcsr_edge.train import Progress, Recipe, Trainer

SMALLEST_VALIDATION_IMAGE = 3
"""LR pixels: PSNR cuts one off each side, and something must be left."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    options.set_help(
        parser,
        "Train a model by a recipe. HR images are degraded on the fly; DIR receives state.pth\n"
        "while the training runs and checkpoint.pth at its end. Ctrl-C saves the state.",
        "pcsr-edge train pcsr-fsrcnn-x4 --data DIV2K/HR -o runs/x4 --valid Set5/HR",
        "pcsr-edge train pcsr-fsrcnn-x4 --data DIV2K/HR -o runs/x4 --valid Set5/HR --resume",
        "pcsr-edge train pcsr-fsrcnn-x2 --data DIV2K/HR -o runs/x2 "
        "--start-from runs/x4/checkpoint.pth",
    )
    parser.add_argument("recipe", metavar="RECIPE", help="name of one of our recipes, or a file")
    parser.add_argument(
        "--data", required=True, metavar="DIR", help="folder of HR training images, 8 bit"
    )
    parser.add_argument(
        "-o", "--output", required=True, metavar="DIR", help="folder for state and checkpoint"
    )
    parser.add_argument("--valid", metavar="DIR", help="folder of HR images to measure PSNR on")
    parser.add_argument(
        "--resume", action="store_true", help="go on from the state in the output folder"
    )
    parser.add_argument(
        "--start-from",
        metavar="CHECKPOINT",
        help='checkpoint of the model that the recipe names in its field "start_from"',
    )
    parser.add_argument(
        "-d",
        "--device",
        choices=("cpu", "cuda"),
        default="cpu",
        help="what trains (default cpu, where every run gives the same weights; cuda is untested)",
    )
    parser.add_argument(
        "--threads", type=values.positive, metavar="N", help="CPU threads (default: all cores)"
    )
    options.add_json(parser)
    options.add_messages(parser)


def run(args: argparse.Namespace) -> int:
    """Train and print where the checkpoint is.

    Raises:
        UsageError: the output folder is taken, or --resume and --start-from are misused.
        BackendUnavailableError: there is no CUDA.
        PcsrEdgeError: see `Trainer`, `load_pairs` and `load_recipe`.
        KeyboardInterrupt: the user stopped it; the state is saved.
    """
    from pcsr_edge.train import Trainer, load_pairs, load_recipe, prepare_device

    recipe = load_recipe(args.recipe)
    _check(args, recipe)
    prepare_device(args.device, args.threads)
    with _Meter(recipe, Console.of(args)) as meter:
        meter.say(f"reading the images in {args.data}")
        read = functools.partial(load_pairs, scale=recipe.scale, channel=recipe.channel)
        pairs, validation = read(args.data, sizes=recipe.image_sizes), []
        if args.valid:
            validation = read(args.valid, smallest=SMALLEST_VALIDATION_IMAGE)
        trainer = Trainer(
            recipe, pairs, validation, Path(args.output), meter.show, device=args.device
        )
        if args.resume:
            trainer.resume()
        elif args.start_from:
            trainer.start_from(Path(args.start_from))
        meter.begin(trainer)
        with _stopped_by_interrupt(trainer, meter):
            path = trainer.run({"data": Path(args.data).resolve().name})
    result = _result(trainer, path)
    if args.json:
        write_result(document("train", result))
    elif not args.quiet:
        write_result(_summary(result))
    return 0


def _check(args: argparse.Namespace, recipe: Recipe) -> None:
    from pcsr_edge.train.loop import CHECKPOINT_FILE
    from pcsr_edge.train.state import STATE_FILE

    options.check_exclusive(resume=args.resume, start_from=bool(args.start_from))
    if args.resume:
        return
    for name, hint in ((STATE_FILE, "go on with --resume, or "), (CHECKPOINT_FILE, "")):
        if (Path(args.output) / name).exists():
            raise UsageError(
                f"{args.output} holds a {name} already; {hint}choose another folder with -o"
            )
    if recipe.start_from and not args.start_from:
        raise UsageError(
            f"recipe {recipe.name} begins with the weights of {recipe.start_from}; name its "
            "checkpoint with --start-from"
        )


@contextmanager
def _stopped_by_interrupt(trainer: Trainer, meter: _Meter) -> Iterator[None]:
    """Let Ctrl-C end the training after the step under way; a second one ends it at once."""
    if threading.current_thread() is not threading.main_thread():
        # Only the main thread may set signal handlers.
        yield
        return
    before = signal.getsignal(signal.SIGINT)

    def handle(_signal: int, _frame: Optional[FrameType]) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        trainer.stop()
        meter.say("stopping after this step; Ctrl-C again stops at once, without saving")

    signal.signal(signal.SIGINT, handle)
    try:
        yield
    except KeyboardInterrupt:
        meter.say(f"the last saved state is in {trainer.folder}; go on with --resume")
        raise
    finally:
        signal.signal(signal.SIGINT, before)


class _Meter(Closing):
    """Shows progress on stderr: a bar on a terminal, else a line per validation."""

    def __init__(self, recipe: Recipe, console: Console) -> None:
        self._recipe, self._console = recipe, console
        self._bar: Optional[Any] = None

    def begin(self, trainer: Trainer) -> None:
        """Start at the trainer's state."""
        done = self._steps_before(trainer.state.stage) + trainer.state.step
        if done:
            self.say(f"going on after {done} of {self._recipe.steps()} steps")
        if on_terminal() and self._console.level >= 0:
            from tqdm import tqdm

            self._bar = tqdm(
                total=self._recipe.steps(),
                initial=done,
                unit="step",
                file=sys.stderr,
                dynamic_ncols=True,
            )

    def show(self, progress: Progress) -> None:
        """Report one step."""
        if self._bar is not None:
            self._bar.set_postfix_str(f"loss {progress.recon:.4f}", refresh=False)
            self._bar.update(self._steps_before(progress.stage) + progress.step - self._bar.n)
        last = progress.step == progress.steps
        if last or progress.step % self._recipe.validate_every == 0:
            quality = "" if math.isnan(progress.psnr) else f", {progress.psnr:.2f} dB"
            self.say(
                f"phase {progress.stage + 1}/{len(self._recipe.phases)}, "
                f"step {progress.step}/{progress.steps}: loss {progress.recon:.4f}{quality}"
            )

    def say(self, text: str) -> None:
        """Write a line; hidden by -q."""
        self._console.say(text)

    def _steps_before(self, stage: int) -> int:
        return sum(phase.steps for phase in self._recipe.phases[:stage])

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()


def _result(trainer: Trainer, path: Path) -> Dict[str, Any]:
    last = len(trainer.recipe.phases) - 1
    measured = [entry["psnr"] for entry in trainer.state.history if entry["stage"] == last]
    return {
        "recipe": trainer.recipe.name,
        "checkpoint": str(path),
        "steps": trainer.recipe.steps(),
        "psnr": measured[-1] if measured else None,
        "seconds": round(trainer.state.seconds, 3),
    }


def _summary(result: Dict[str, Any]) -> str:
    quality = "" if result["psnr"] is None else f", {result['psnr']:.2f} dB"
    return (
        f"{result['checkpoint']}: {result['recipe']}, {result['steps']} steps in "
        f"{seconds_text(result['seconds'])}{quality}"
    )
