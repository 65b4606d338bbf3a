"""The run of `upscale` for videos: choose the model, load it, work through the files, report."""

from __future__ import annotations

import argparse
import time
from contextlib import ExitStack, closing
from typing import Sequence

from pcsr_edge.cli.batch import Request
from pcsr_edge.cli.console import Console
from pcsr_edge.cli.interruption import on_interrupt
from pcsr_edge.cli.outcome import DONE, FAILED, SKIPPED
from pcsr_edge.cli.tables import plural
from pcsr_edge.cli.upscale import Paths
from pcsr_edge.cli.upscaling import INTERRUPTED, request_of, suffix_of
from pcsr_edge.cli.video.meter import Meter
from pcsr_edge.cli.video.model import VideoModel
from pcsr_edge.cli.video.pacing import pace_entry
from pcsr_edge.cli.video.planning import VideoTask, plan_videos
from pcsr_edge.cli.video.report import STOPPED, VideoOutcome, as_json, as_text, exit_code
from pcsr_edge.cli.video.stream_run import is_stream, upscale_stream
from pcsr_edge.errors import OutputError, PcsrEdgeError, UsageError
from pcsr_edge.runtime.upscaler import Upscaler
from pcsr_edge.runtime.video.job import VideoJob
from pcsr_edge.runtime.video.request import SEGMENT, VideoRequest
from pcsr_edge.runtime.video.streams import Wanted
from pcsr_edge.streams import write_result


def upscale_videos(args: argparse.Namespace, paths: Paths) -> int:
    """Do what `args` ask and return the exit code.

    Raises:
        PcsrEdgeError: what concerns all videos alike, such as the model, is wrong.
    """
    console = Console.of(args)
    _refuse_picture_options(args)
    model = VideoModel(args, console)
    request = request_of(args, model.bundle)
    stream = is_stream(paths, args.codec)
    tasks = [] if stream else plan_videos(paths, suffix_of(request))
    if args.truth is not None and len(tasks) != 1:
        raise UsageError("--truth is for one video file that becomes one file; leave it out")
    if not (args.overwrite or args.skip_existing):
        _refuse_existing(tasks)
    outcomes = [VideoOutcome(task) for task in tasks]
    begin = time.perf_counter()
    interrupted = False
    with ExitStack() as stack:
        upscaler = stack.enter_context(model.load(request))
        stack.enter_context(on_interrupt(upscaler.cancel))
        if stream:
            return upscale_stream(args, paths, request, upscaler, console)
        try:
            for outcome in outcomes:
                _one(outcome, args, request, upscaler, console)
        except KeyboardInterrupt:
            interrupted = True
    code = INTERRUPTED if interrupted else exit_code(outcomes)
    seconds = time.perf_counter() - begin
    if args.json:
        write_result(as_json(upscaler, args.precision, outcomes, code, seconds))
    elif not args.quiet:
        text = as_text(upscaler, args.precision, outcomes)
        if text:
            write_result(text)
    if interrupted:
        console.error("interrupted; finished frames are kept, the same command goes on there")
    return code


def _one(
    outcome: VideoOutcome,
    args: argparse.Namespace,
    request: Request,
    upscaler: Upscaler,
    console: Console,
) -> None:
    """Do one video; what fails does not stop the others."""
    task = outcome.task
    if args.skip_existing and task.target.exists():
        outcome.status, outcome.message = SKIPPED, f"{task.target} exists"
        return
    begin = time.perf_counter()
    try:
        job = VideoJob(
            _video_request(task, args, request),
            upscaler,
            note=lambda text: console.warn(f"{task.source}: {text}"),
        )
        outcome.input_size = job.facts.size
        if args.dry_run:
            job.close()
            return
        style = "none" if args.no_progress or args.quiet else args.progress
        with closing(Meter(style, upscaler, request.options)) as meter:
            outcome.result = job.run(meter)
    except KeyboardInterrupt:
        outcome.status = STOPPED
        raise
    except PcsrEdgeError as exc:
        outcome.status, outcome.message, outcome.error_code = FAILED, str(exc), exc.exit_code
        console.failure(exc)
    else:
        outcome.status = DONE
        outcome.pace = pace_entry(upscaler)
        for bad in outcome.result.bad:
            console.detail(f"{task.source}: frame {bad.number}: {bad.damage}")
        if outcome.result.bad:
            count = plural(len(outcome.result.bad), "frame")
            console.warn(f"{task.source}: {count} damaged or lost")
    outcome.seconds = time.perf_counter() - begin


def _video_request(task: VideoTask, args: argparse.Namespace, request: Request) -> VideoRequest:
    size = None if request.size is None else (request.size.height, request.size.width)
    return VideoRequest(
        source=task.source,
        target=task.target,
        options=request.options,
        precision=args.precision,
        scale=request.scale,
        size=size,
        codec=args.codec,
        pix_fmt=args.pix_fmt,
        encoder_options=dict(args.encoder_option),
        wanted=Wanted(audio=not args.no_audio, subtitles=not args.no_subs),
        on_error=args.on_error,
        still_threshold=args.still_threshold,
        truth=args.truth,
        segment=args.segment or SEGMENT,
        overwrite=args.overwrite,
    )


def _refuse_picture_options(args: argparse.Namespace) -> None:
    given = {"--class-map": args.class_map is not None, "-f": args.format != "auto"}
    for name, present in given.items():
        if present:
            raise UsageError(f"{name} is for pictures, and the input is a video; leave it out")


def _refuse_existing(tasks: Sequence[VideoTask]) -> None:
    existing = [task.target for task in tasks if task.target.exists()]
    if existing:
        raise OutputError(
            f"{existing[0]} exists already; --overwrite replaces it, --skip-existing keeps it"
        )
