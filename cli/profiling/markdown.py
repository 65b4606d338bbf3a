"""A profile as Markdown: conditions, latency, what it gives, stages."""

from __future__ import annotations

from typing import List, Optional, Sequence, Tuple

from pcsr_edge.calib.profiling import MeasuredCase, Profile, Summary
from pcsr_edge.calib.profiling.frame import DECODE, ENCODE
from pcsr_edge.cli.profiling.facts import condition_lines
from pcsr_edge.cli.profiling.labels import common, labels
from pcsr_edge.cli.tables import bytes_text

SPREAD = ("p50", "p90", "p95", "p99", "min", "max", "mean", "stdev")


def as_markdown(profile: Profile) -> str:
    """Return the text that `profile` prints."""
    names = labels([measured.case for measured in profile.cases])
    parts = ["# pcsr-edge profile", _facts(profile)]
    if profile.cautions:
        parts.append("## Warnings\n\n" + "\n".join(_cautions(profile)))
    parts.append("## Latency of an upscaling, ms\n\n" + _latency(profile.cases, names))
    if any(measured.end_to_end for measured in profile.cases):
        parts.append("## With decoding and encoding, ms\n\n" + _whole(profile.cases, names))
    parts.append("## What it gives\n\n" + _yield(profile.cases, names))
    for measured, name in zip(profile.cases, names):
        parts.append(f"## Stages: {name}\n\n{_stages(measured)}")
    return "\n\n".join(parts)


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table, aligned so that it reads well as plain text."""
    widths = [max(3, *(len(row[i]) for row in [header, *rows])) for i in range(len(header))]

    def line(cells: Sequence[str]) -> str:
        # The first column holds names.
        texts = [
            c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in enumerate(zip(cells, widths))
        ]
        return f"| {' | '.join(texts)} |"

    rule = ["-" * width if i == 0 else "-" * (width - 1) + ":" for i, width in enumerate(widths)]
    return "\n".join([line(header), line(rule), *map(line, rows)])


def _facts(profile: Profile) -> str:
    shared = common([measured.case for measured in profile.cases])
    lines = [("cases", ", ".join(map(_shared, shared.items())) or "-")]
    return "\n".join(f"- {name}: {text}" for name, text in [*lines, *condition_lines(profile)])


def _shared(item: Tuple[str, str]) -> str:
    name, value = item
    # `2 threads` says it already.
    return value if name == "threads" else f"{name} {value}"


def _cautions(profile: Profile) -> List[str]:
    return [
        f"- {caution['name']}: {caution['text']}"
        + (f" (mend: `{caution['mend']}`)" if caution.get("mend") else "")
        for caution in profile.cautions
    ]


def _latency(cases: Sequence[MeasuredCase], names: Sequence[str]) -> str:
    rows = [
        [name, *_spread(m.latency), _ms(m.recording.first_ms), f"{1e3 / m.latency.mean:.3g}"]
        for m, name in zip(cases, names)
    ]
    return markdown_table(["case", *SPREAD[:-1], "dev", "first", "per second"], rows)


def _whole(cases: Sequence[MeasuredCase], names: Sequence[str]) -> str:
    rows: List[List[str]] = []
    for measured, name in zip(cases, names):
        whole = measured.end_to_end
        if whole is not None:
            rows.append([name, *_spread(whole), f"{1e3 / whole.mean:.3g}"])
    return markdown_table(["case", *SPREAD[:-1], "dev", "per second"], rows)


def _yield(cases: Sequence[MeasuredCase], names: Sequence[str]) -> str:
    rows = [
        [
            name,
            "-" if m.case.psnr is None else f"{m.case.psnr:.2f}",
            f"{1e3 / m.latency.mean * m.case.megapixels:.3g}",
            " / ".join(f"{100 * share:.0f}" for share in m.fractions),
            f"{m.busy_threads:.2f}",
            _bytes(m.peak_bytes),
            _ms(m.load_ms),
            str(m.latency.n),
        ]
        for m, name in zip(cases, names)
    ]
    header = ["case", "PSNR Set5 Y", "output MP/s", "classes %", "busy threads", "peak memory"]
    return markdown_table([*header, "load ms", "frames"], rows)


def _stages(measured: MeasuredCase) -> str:
    stages = measured.stages
    inner = sum(s.mean for name, s in stages.items() if name not in (DECODE, ENCODE))
    rows = []
    for name, summary in stages.items():
        share = "" if name in (DECODE, ENCODE) else f"{100 * summary.mean / inner:.0f} %"
        rows.append([name, share, *_spread(summary)])
    return markdown_table(["stage", "share", *SPREAD[:-1], "dev"], rows)


def _spread(summary: Summary) -> List[str]:
    return [_ms(getattr(summary, field)) for field in SPREAD]


def _ms(value: float) -> str:
    return f"{value:.2f}" if value < 100 else f"{value:.0f}"


def _bytes(count: Optional[int]) -> str:
    return "-" if count is None else bytes_text(count)
