"""The run of `upscale` for what comes or goes frame by frame: pipes, pictures, cameras."""

from __future__ import annotations

import argparse
import time
from contextlib import closing
from fractions import Fraction
from typing import List, Optional

from pcsr_edge.cli import reports
from pcsr_edge.cli.batch import Request
from pcsr_edge.cli.console import Console
from pcsr_edge.cli.tables import plural, seconds_text
from pcsr_edge.cli.upscale import Paths
from pcsr_edge.cli.video.meter import Meter
from pcsr_edge.cli.video.pacing import pace_entry, pace_text
from pcsr_edge.errors import UsageError
from pcsr_edge.runtime.upscaler import Upscaler
from pcsr_edge.runtime.video.av_source import AvSource
from pcsr_edge.runtime.video.endpoints import FrameSource
from pcsr_edge.runtime.video.gst_pipelines import ENCODERS, NVDEC
from pcsr_edge.runtime.video.recognition import LIVE, PIPE, is_sequence, is_video, is_video_output
from pcsr_edge.runtime.video.routes import SinkRequest, open_sink, open_source
from pcsr_edge.runtime.video.stream_job import StreamJob, StreamResult
from pcsr_edge.runtime.video.turning import upright
from pcsr_edge.streams import write_message, write_result

DEFAULT_RATE = Fraction(25)
BACKLOG = 32
"""Frames of a live stream that may wait where nobody looks on: about a second."""


def is_stream(paths: Paths, codec: Optional[str]) -> bool:
    """Return whether frames come or go one by one, not from one video file to another."""
    if codec in ENCODERS or any(text.startswith(NVDEC) for text in paths.inputs):
        return True
    if any(text == PIPE or LIVE.fullmatch(text) or not is_video(text) for text in paths.inputs):
        return True
    output = paths.output
    return (
        output is not None
        and is_video_output(output)
        and (output == PIPE or "://" in output or is_sequence(output))
    )


def upscale_stream(
    args: argparse.Namespace, paths: Paths, request: Request, upscaler: Upscaler, console: Console
) -> int:
    """Do it and return the exit code.

    Raises:
        PcsrEdgeError: it failed.
    """
    output = paths.output
    if output is None:
        raise UsageError(f"where {paths.inputs[0]} goes is not named; name the output with -o")
    if output == PIPE and args.json:
        raise UsageError("frames and --json cannot both go to stdout; leave one of them out")
    sink = SinkRequest(
        output,
        args.codec,
        args.pix_fmt,
        dict(args.encoder_option),
        upscaler.threads,
        args.overwrite,
    )
    if args.segment is not None:
        console.warn("--segment has no effect here: only one file to another can be resumed")
    rate = args.rate or DEFAULT_RATE
    source = open_source(paths.inputs, rate, upscaler.threads, args.reconnect)
    for kind in _left_behind(source, args):
        console.warn(f"{paths.inputs[0]}: its {kind} is not kept: {output} gets frames alone")
    if isinstance(source, AvSource) and source.inventory.uneven:
        console.warn(
            f"{paths.inputs[0]}: its frame rate varies, and {output} gets frames without their "
            "times; name a video file as output to keep them"
        )
    try:
        job = StreamJob(
            # Frames alone cannot say that players shall turn them.
            upright(source),
            paths.inputs[0],
            lambda facts, size: open_sink(sink, facts, size),
            upscaler,
            scale=request.scale,
            size=None if request.size is None else (request.size.height, request.size.width),
            options=request.options,
            on_error=args.on_error,
            still_threshold=args.still_threshold,
            backlog=0 if "://" in output else BACKLOG,
        )
    except BaseException:
        source.close()
        raise
    begin = time.perf_counter()
    style = "none" if args.no_progress or args.quiet else args.progress
    with closing(Meter(style, upscaler, request.options)) as meter:
        result = job.run(meter)
    _report(args, paths, result, time.perf_counter() - begin, console, upscaler)
    if result.interrupted:
        return 130
    return 1 if result.bad else 0


def _left_behind(source: FrameSource, args: argparse.Namespace) -> List[str]:
    """Return the kinds of streams of a file that are wanted, and that do not go with its frames."""
    if not isinstance(source, AvSource):
        return []
    kinds = {stream.kind for stream in source.inventory.streams.values()}
    wanted = {"audio": not args.no_audio, "subtitle": not args.no_subs}
    return [kind for kind in wanted if wanted[kind] and kind in kinds]


def _report(
    args: argparse.Namespace,
    paths: Paths,
    result: StreamResult,
    seconds: float,
    console: Console,
    upscaler: Upscaler,
) -> None:
    name, output = paths.inputs[0], paths.output or ""
    for note in result.notes:
        console.warn(f"{name}: {note}")
    for bad in result.bad:
        console.warn(f"{name}: frame {bad.number}: {bad.damage}")
    if args.json:
        content = {
            "source": name,
            "target": output,
            "frames": result.frames,
            "frames_reused": result.reused,
            "bad_frames": [bad._asdict() for bad in result.bad],
            "interrupted": result.interrupted,
            "seconds": round(seconds, 3),
            "notes": result.notes,
            "pace": pace_entry(upscaler),
        }
        write_result(reports.document("upscale", content))
    elif not args.quiet:
        text = (
            f"{name} -> {output} {result.size[1]}x{result.size[0]}: "
            f"{plural(result.frames, 'frame')} in {seconds_text(seconds)}"
        )
        text += pace_text(pace_entry(upscaler))
        # Where frames go to stdout, nothing else may.
        (write_message if output == PIPE else write_result)(text)
