"""`profile` from its arguments to its reports."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Dict, List

from pcsr_edge.calib.profiling import to_json
from pcsr_edge.cli.console import Console
from pcsr_edge.cli.profiling.csv_table import as_csv
from pcsr_edge.cli.profiling.markdown import as_markdown
from pcsr_edge.cli.profiling.page import as_html
from pcsr_edge.cli.profiling.session import measure, refuse_unfit
from pcsr_edge.cli.report_files import check_report
from pcsr_edge.errors import UsageError
from pcsr_edge.jetson import Caution
from pcsr_edge.runtime.images.atomic import write_atomically
from pcsr_edge.streams import write_result


def profile(args: argparse.Namespace) -> int:
    """Measure, write the files, print the tables.

    Raises:
        ConditionsError: --strict, and the conditions are unsuitable; where that only showed in
            the measurement, the reports are written all the same.
        PcsrEdgeError: something that was named cannot be used.
    """
    console = Console.of(args)
    _check_files(args)
    found, views = measure(args, console)
    document = found.as_dict()
    reports: Dict[Path, bytes] = {}
    if args.json_file is not None:
        reports[args.json_file] = to_json(document).encode("utf-8")
    if args.csv is not None:
        reports[args.csv] = as_csv(found)
    if args.html is not None:
        reports[args.html] = as_html(found, views).encode("utf-8")
    for path, data in reports.items():
        write_atomically(path, data, args.overwrite)
    write_result(to_json(document).rstrip() if args.json else as_markdown(found))
    for caution in found.cautions:
        console.warn(str(caution["text"]))
    if args.strict:
        # Said by now; main would print a second document beside the result.
        args.json = False
        refuse_unfit([Caution(**caution) for caution in found.cautions])
    return 0


def _check_files(args: argparse.Namespace) -> None:
    paths: List[Path] = [p for p in (args.json_file, args.csv, args.html) if p is not None]
    for path in paths:
        check_report(path, args.overwrite)
    files = [path.resolve() for path in paths]
    for i, path in enumerate(paths):
        if files[i] in files[:i]:
            raise UsageError(f"two reports are to be written into {path}; give another name")
