"""One run of `profile`: conditions, frames, conditions again."""

from __future__ import annotations

import argparse
import tempfile
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple

from pcsr_edge.calib.profiling import (
    MeasuredCase,
    PeakMemory,
    Profile,
    Recording,
    StopRule,
    WarmUp,
    record,
)
from pcsr_edge.cli.console import Console
from pcsr_edge.cli.interruption import on_interrupt
from pcsr_edge.cli.profiling.bench import Station, cut_pictures, stations
from pcsr_edge.cli.profiling.labels import labels
from pcsr_edge.cli.profiling.picture import Pixels, read_sample
from pcsr_edge.cli.profiling.sample_views import SampleView, sample_views
from pcsr_edge.cli.profiling.versions import versions
from pcsr_edge.cli.progress import Progress
from pcsr_edge.cli.tables import plural
from pcsr_edge.cli.values import Size
from pcsr_edge.errors import ConditionsError
from pcsr_edge.jetson import Caution, Conditions, Sample, Sampler, cautions, conditions

DEFAULT_SIZE = Size(480, 270)
MOST_NAMES = 6
"""Of cases, in a warning."""


def measure(args: argparse.Namespace, console: Console) -> Tuple[Profile, List[SampleView]]:
    """Measure everything that `args` ask for; samples are only made for --html.

    Raises:
        ConditionsError: --strict, and the machine is unfit from the start.
        PcsrEdgeError: a picture, a model or a device cannot be used.
    """
    before = conditions()
    if args.strict:
        refuse_unfit(cautions(before, (), ()))
    pictures = _pictures(args)
    memory = PeakMemory()
    with ExitStack() as stack:
        folder = _folder(args, stack)
        found = stations(args, pictures, folder, memory, stack)
        loading = memory.peak_bytes()
        stack.enter_context(on_interrupt(_cancel(found)))
        recordings, samples, joules = _record(args, found, console)
        after = conditions()
        views = sample_views(found) if args.html else []
    cases = tuple(_measured(station, taken) for station, taken in zip(found, recordings))
    peaks = [peak for peak in (loading, *(c.peak_bytes for c in cases)) if peak is not None]
    profile = Profile(
        cases=cases,
        software=versions(),
        before=before.as_dict(),
        after=after.as_dict(),
        cautions=tuple(caution.as_dict() for caution in _doubts(before, samples, cases)),
        samples=tuple(sample.as_dict() for sample in samples),
        settings=_settings(args, pictures),
        command_line=tuple(args.command_line),
        created=datetime.now().astimezone().isoformat(timespec="seconds"),
        peak_bytes=max(peaks, default=memory.peak_bytes()),
        energy_j=joules,
    )
    return profile, views


def refuse_unfit(found: Sequence[Caution]) -> None:
    """Refuse to measure, or to let measured times pass, for what --strict heeds.

    Raises:
        ConditionsError: there is something.
    """
    reasons = [
        caution.text + (f" (mend: {caution.mend})" if caution.mend else "")
        for caution in found
        if caution.strict
    ]
    if reasons:
        raise ConditionsError(f"unsuitable conditions for measuring: {'; '.join(reasons)}")


def _pictures(args: argparse.Namespace) -> Mapping[Size, Pixels]:
    picture = read_sample(args.image)
    own = Size(picture.shape[1], picture.shape[0])
    sizes = args.size or [DEFAULT_SIZE if args.image is None else own]
    return cut_pictures(picture, sizes)


def _folder(args: argparse.Namespace, stack: ExitStack) -> Optional[Path]:
    """Return a folder for the files that are decoded and encoded; it goes with `stack`."""
    if args.no_io:
        return None
    return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pcsr-edge-")))


def _cancel(found: Sequence[Station]) -> Callable[[], None]:
    def stop() -> None:
        for station in found:
            station.workload.cancel()

    return stop


def _record(
    args: argparse.Namespace, found: Sequence[Station], console: Console
) -> Tuple[List[Recording], Tuple[Sample, ...], Optional[float]]:
    """Run the cases under the eyes of the sensors; the last value is in joules."""
    console.say(f"measuring {plural(len(found), 'case')}, after warming up")
    warm_up = WarmUp(args.warmup, max(args.warmup, WarmUp.most_frames))
    total = len(found) * args.iters
    counted = [0] * len(found)
    with Progress(
        total, enabled=not (args.no_progress or args.quiet), noun="frame"
    ) as progress, Sampler() as sampler:

        def on_frame(index: int, counts: bool) -> None:
            counted[index] += counts
            if counts and counted[index] <= args.iters:
                progress.one_done()

        recordings = record(
            [station.workload for station in found],
            warm_up,
            StopRule(args.iters, args.duration),
            on_frame=on_frame,
        )
    start = min(recording.frames[0].at_s for recording in recordings)
    end = max(recording.frames[-1].at_s for recording in recordings)
    return recordings, sampler.samples, sampler.joules(start, end)


def _measured(station: Station, recording: Recording) -> MeasuredCase:
    return MeasuredCase(station.case, recording, station.load_ms, station.shared)


def _doubts(
    before: Conditions, samples: Sequence[Sample], cases: Sequence[MeasuredCase]
) -> List[Caution]:
    found = cautions(before, samples, ())
    names = labels([measured.case for measured in cases])
    spreads = {
        name: measured.latency.variation
        for measured, name in zip(cases, names)
        # Of the machine all has been said.
        if cautions(Conditions(), (), measured.recording.upscale_ms())
    }
    if spreads:
        worst = max(spreads.values())
        text = f"times of {_listed(list(spreads), len(names))} are unstable: coefficient of "
        text += f"variation {'up to ' if len(spreads) > 1 else ''}{worst:.0%}; "
        found.append(Caution("unstable", f"{text}measure longer, on a quiet machine"))
    restless = [name for m, name in zip(cases, names) if not m.recording.steady]
    if restless:
        text = f"times of {_listed(restless, len(names))} had not settled when warming up was "
        found.append(Caution("warm-up", f"{text}given up; measure on a quiet machine"))
    return found


def _listed(names: Sequence[str], cases: int) -> str:
    if len(names) == 1:
        return names[0]
    if len(names) == cases:
        return f"all {cases} cases"
    more = ["…"] if len(names) > MOST_NAMES else []
    return f"{len(names)} of {cases} cases ({'; '.join([*names[:MOST_NAMES], *more])})"


def _settings(args: argparse.Namespace, pictures: Mapping[Size, Pixels]) -> Dict[str, Any]:
    return {
        "image": "the photograph that comes along" if args.image is None else str(args.image),
        "sizes": [list(size) for size in pictures],
        "format": None if args.no_io else args.format,
        "tile": args.tile,
        "memory_limit": args.memory_limit,
        "iterations": args.iters,
        "duration_s": args.duration,
        "warm_up_frames": args.warmup,
    }
