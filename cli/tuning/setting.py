"""The chosen setting as a config that `upscale --config` reads."""

from __future__ import annotations

import argparse
import json
from datetime import datetime
from typing import Any, Dict, Mapping

from pcsr_edge.calib.tuner import TunedRung, Tuning

SCHEMA_VERSION = 1


def options_of(args: argparse.Namespace, tuned: TunedRung, threads: int) -> Dict[str, Any]:
    """Return the long options of `upscale` that make a setting."""
    rung = tuned.rung
    chosen: Dict[str, Any] = {"model": rung.model, "scale": rung.scale}
    if rung.k is not None:
        chosen["k"] = rung.k
    if rung.force_class is not None:
        chosen["class"] = rung.force_class
    chosen["precision"] = rung.precision
    chosen["threads"] = threads
    if args.device != "auto":
        chosen["device"] = args.device
    return chosen


def config(
    args: argparse.Namespace, found: Tuning, tuned: TunedRung, machine: Mapping[str, str]
) -> str:
    """Return the text of the config: what to do, and how that was found.

    Args:
        args: of `tune`.
        found: everything that was measured.
        tuned: what was chosen.
        machine: see `describe_machine`.
    """
    about = {
        "command_line": args.command_line,
        "created": datetime.now().astimezone().isoformat(timespec="seconds"),
        "machine": dict(machine),
        "size": list(args.size),
        "budget_ms": found.budget_ms,
        "measured_ms": None if tuned.times is None else tuned.times.as_dict(),
        "psnr_db": tuned.rung.psnr,
        "psnr_estimated": tuned.estimated,
    }
    options = options_of(args, tuned, int(machine["threads"]))
    document = {"schema_version": SCHEMA_VERSION, "about": about, "upscale": options}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
