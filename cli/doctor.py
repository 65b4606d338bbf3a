"""`pcsr-edge doctor`: what works on this machine, and the one command that mends what does not."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING, List

from pcsr_edge.cli import options, reports
from pcsr_edge.streams import write_result

if TYPE_CHECKING:
    from pcsr_edge.cli.health.finding import Finding

_COLOURS = {"ok": "32", "warning": "33", "problem": "31"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `doctor`."""
    options.set_help(
        parser,
        "Check what this machine has, and say how to mend what is broken.\n"
        "Exit code 1 if something required is broken.",
        "pcsr-edge doctor",
        "pcsr-edge doctor --json > doctor.json",
        "pcsr-edge doctor -q && pcsr-edge upscale in.png out.png",
    )
    options.add_json(parser)
    options.add_messages(parser)


def run(args: argparse.Namespace) -> int:
    """Run all checks and print them as they come."""
    from pcsr_edge.cli.health.checkup import findings
    from pcsr_edge.cli.health.finding import OK, PROBLEM

    found: List[Finding] = []
    for finding in findings():
        found.append(finding)
        if not args.json and (finding.level != OK or not args.quiet):
            write_result(_lines(finding))
    problems = sum(finding.level == PROBLEM for finding in found)
    if args.json:
        content = {"problems": problems, "findings": [finding.as_dict() for finding in found]}
        write_result(reports.document("doctor", content))
    elif not args.quiet:
        write_result(_summary(found, problems))
    return 1 if problems else 0


def _lines(finding: Finding) -> str:
    from pcsr_edge.cli.health.finding import OK

    level = f"{finding.level:<8}"
    # https://no-color.org
    if sys.stdout is not None and sys.stdout.isatty() and not os.environ.get("NO_COLOR"):
        level = f"\x1b[{_COLOURS[finding.level]}m{level}\x1b[0m"
    text = f"{level} {finding.name:<12} {finding.text}"
    if finding.mend is None:
        return text
    if finding.level == OK:
        return f"{text}: {finding.mend}"
    return f"{text}\n{'':<21} mend: {finding.mend}"


def _summary(found: List[Finding], problems: int) -> str:
    from pcsr_edge.cli.health.finding import WARNING
    from pcsr_edge.cli.tables import plural

    warnings = sum(finding.level == WARNING for finding in found)
    return f"\n{plural(problems, 'problem')}, {plural(warnings, 'warning')}"
