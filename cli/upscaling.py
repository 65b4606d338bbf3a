"""The run of `upscale`: choose the model, plan, load, work, report."""

from __future__ import annotations

import argparse
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Dict, Optional, Union

from pcsr_edge.cli.batch import Batch, Request, check_settings
from pcsr_edge.cli.choosing import Choosing, is_auto
from pcsr_edge.cli.console import Console
from pcsr_edge.cli.interruption import on_interrupt
from pcsr_edge.cli.loading import (
    bundle_folder,
    check_graphs,
    check_table,
    load_upscaler,
    model_for_scale,
)
from pcsr_edge.cli.options import DEFAULT_MODEL
from pcsr_edge.cli.outcome import exit_code
from pcsr_edge.cli.pacing import paced_upscaler, refuse_choices
from pcsr_edge.cli.plan import Wanted, plan, refuse_existing
from pcsr_edge.cli.progress import Progress
from pcsr_edge.cli.summary import RunFacts, as_json, as_text
from pcsr_edge.cli.tables import plural
from pcsr_edge.cli.upscale import Paths
from pcsr_edge.errors import UsageError
from pcsr_edge.runtime.bundle import Bundle, load_bundle
from pcsr_edge.runtime.images import MAX_PIXELS
from pcsr_edge.runtime.ladder.auto import DEFAULT_SCALE
from pcsr_edge.runtime.options import frame_budget
from pcsr_edge.runtime.upscaler import Upscaler
from pcsr_edge.streams import write_result

INTERRUPTED = 130


def upscale(args: argparse.Namespace, paths: Paths) -> int:
    """Do what `args` ask and return the exit code.

    Raises:
        PcsrEdgeError: what concerns all pictures alike, such as the model, is wrong; nothing
            was written then.
    """
    console = Console.of(args)
    choosing = Choosing(args, console) if is_auto(args) else None
    bundle = None if choosing else load_bundle(model_of(args, console))
    budget_ms = frame_budget(args.fps, args.budget_ms)
    if budget_ms is not None:
        refuse_choices(args)
    request = request_of(args, bundle)
    wanted = Wanted(paths.inputs, paths.output, args.format, suffix_of(request), args.class_map)
    tasks, left_out = plan(wanted)
    if left_out:
        console.warn(
            f"{plural(len(left_out), 'result')} of earlier runs among the inputs left out, e.g. "
            f"{left_out[0]}; name it itself to upscale it"
        )
    if bundle is not None:
        check_graphs(bundle, args.precision)
        check_table(bundle, args.force_class)
    if not (args.overwrite or args.skip_existing):
        refuse_existing(tasks)
    with ExitStack() as stack:
        upscaler = None
        if choosing is not None and not args.dry_run:
            upscaler = stack.enter_context(choosing.load())
        elif bundle is not None and not args.dry_run:
            upscaler = stack.enter_context(_loaded(args, bundle, request, console))
        if upscaler is not None:
            stack.enter_context(on_interrupt(upscaler.cancel))
        batch = Batch(tasks, request, upscaler, console)
        begin = time.perf_counter()
        interrupted = _run(batch, shown=not (args.no_progress or args.quiet))
        seconds = time.perf_counter() - begin
    facts = RunFacts(
        bundle,
        upscaler,
        args.precision,
        _settings(request, bundle),
        seconds,
        interrupted,
        choosing,
        budget_ms,
    )
    code = INTERRUPTED if interrupted else exit_code(batch.outcomes)
    if args.json:
        write_result(as_json(facts, batch.outcomes, code))
    elif not args.quiet:
        text = as_text(facts, batch.outcomes)
        if text:
            write_result(text)
    if interrupted:
        console.error("interrupted; what was finished is kept")
    return code


def _loaded(
    args: argparse.Namespace, bundle: Bundle, request: Request, console: Console
) -> Upscaler:
    """Load the model that is named, and make sure that the settings suit it."""
    budget_ms = frame_budget(args.fps, args.budget_ms)
    if budget_ms is not None:
        names = [bundle.folder]
        return paced_upscaler(args, console, budget_ms, lambda scale: names, alone=True)
    upscaler = load_upscaler(args, bundle.folder)
    try:
        check_settings(upscaler, request.options, request.scale)
    except BaseException:
        upscaler.close()
        raise
    return upscaler


def _run(batch: Batch, *, shown: bool) -> bool:
    """Run the batch and return whether Ctrl-C ended it."""
    with Progress(len(batch.outcomes), enabled=shown) as progress:
        try:
            batch.run(progress)
        except KeyboardInterrupt:
            return True
    return False


def model_of(args: argparse.Namespace, console: Console) -> Union[str, Path]:
    """Return the name or the folder of the model that `args` ask for."""
    if args.model_path is not None:
        return bundle_folder(args.model_path)
    if args.model is not None:
        return str(args.model)
    name = model_for_scale(args.scale)
    if args.scale is not None and name != DEFAULT_MODEL:
        console.detail(f"model: {name}, the one trained for scale {args.scale:g}")
    elif args.scale is not None:
        console.detail(f"model: {name}, the default one, at scale {args.scale:g}")
    return name


def request_of(args: argparse.Namespace, bundle: Optional[Bundle]) -> Request:
    """Return what is asked for all inputs alike.

    Raises:
        UsageError: the model needs a scale, and none is named.
    """
    own = DEFAULT_SCALE if bundle is None else bundle.manifest.scale
    if bundle is not None and args.size is None and args.scale is None and isinstance(own, str):
        raise UsageError(f"model {bundle.name} works at any scale; name one with --scale")
    options: Dict[str, Any] = {
        "k": args.k,
        "eta": args.eta,
        "halo": args.halo,
        "adaptive": args.adaptive,
        "force_class": args.force_class,
        "refine": not args.no_refine,
        "tile": args.tile,
        "memory_limit": args.memory_limit,
    }
    scale = None if args.size is not None else float(args.scale or own)
    return Request(
        scale=scale,
        size=args.size,
        options=options,
        format=args.format,
        overwrite=args.overwrite,
        skip_existing=args.skip_existing,
        max_pixels=args.max_pixels or MAX_PIXELS,
    )


def suffix_of(request: Request) -> str:
    """Return what the name of a result gets where no output is named, e.g. `_x4`."""
    return f"_{request.size}" if request.scale is None else f"_x{request.scale:g}"


def _settings(request: Request, bundle: Optional[Bundle]) -> Dict[str, Any]:
    """Return the settings as `--json` reports them."""
    options = dict(request.options)
    size = None if request.size is None else request.size._asdict()
    if bundle is None:
        return {"scale": request.scale, "size": size, **options}
    manifest = bundle.manifest
    chosen = not options["adaptive"] and options["force_class"] is None
    by_k = chosen and manifest.has_classes and not manifest.by_patch
    k = manifest.default_k if options["k"] is None else options["k"]
    eta = manifest.default_eta if options["eta"] is None else options["eta"]
    options["eta"] = eta if chosen and manifest.by_patch else None
    return {"scale": request.scale, "size": size, **options, "k": k if by_k else None}
