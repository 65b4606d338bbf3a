"""A profile as a page: one file that needs nothing else."""

from __future__ import annotations

import base64
import re
from html import escape
from pathlib import Path
from typing import Any, Dict, List, Sequence, Tuple

from pcsr_edge import __version__
from pcsr_edge.calib.profiling import MeasuredCase, Profile, front, to_json
from pcsr_edge.cli.profiling.facts import condition_lines, hottest
from pcsr_edge.cli.profiling.labels import labels
from pcsr_edge.cli.profiling.sample_views import SampleView
from pcsr_edge.cli.tables import bytes_text, plural

ASSETS = Path(__file__).parent / "assets"
SCRIPTS = ("base.js", "pareto.js", "stages.js", "timeline.js", "sample.js")
"""In the order in which they run; the last one says that the page is ready."""
COLUMNS = ("p50", "p90", "p95", "p99", "min", "max", "mean", "stdev")


def as_html(profile: Profile, views: Sequence[SampleView]) -> str:
    """Return the page; docs/profiling.md says what it shows."""
    names = labels([measured.case for measured in profile.cases])
    device = str(profile.before.get("device") or "unknown device")
    parts = {
        "title": escape(f"{device}, pcsr-edge profile"),
        "style": _asset("page.css"),
        "device": escape(device),
        "subtitle": escape(_subtitle(profile)),
        "verdict": _verdict(profile),
        "tiles": _tiles(profile, names),
        "table": _table(profile.cases, names),
        "conditions": _conditions(profile),
        "version": __version__,
        "script": "\n".join(_asset(name) for name in SCRIPTS),
        # Inside a script element nothing is escaped, and an end tag would end it.
        "data": to_json(_data(profile, names, views)).replace("<", "\\u003c"),
    }
    # In one pass: a name from outside may look like a mark.
    return re.sub(r"\{\{(\w+)\}\}", lambda mark: parts[mark[1]], _asset("page.html"))


def _asset(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")


def _data(profile: Profile, names: Sequence[str], views: Sequence[SampleView]) -> Dict[str, Any]:
    return {
        "profile": profile.as_dict(),
        "labels": list(names),
        "front": _front(profile.cases),
        "views": [_view(view) for view in views],
    }


def _front(cases: Sequence[MeasuredCase]) -> List[int]:
    """Return the indices of the best cases, size by size."""
    found: List[int] = []
    for size in dict.fromkeys((m.case.size, m.case.output_size) for m in cases):
        alike = [i for i, m in enumerate(cases) if (m.case.size, m.case.output_size) == size]
        times = [cases[i].latency.p50 for i in alike]
        found += [alike[i] for i in front(times, [cases[i].case.psnr for i in alike])]
    return found


def _view(view: SampleView) -> Dict[str, Any]:
    nearest, bicubic, result = (base64.b64encode(p).decode("ascii") for p in view.pixels)
    return {
        "index": view.case,
        "nearest": nearest,
        "bicubic": bicubic,
        "result": result,
        "class_map": base64.b64encode(view.class_map).decode("ascii"),
        "colours": view.colours,
        "size": view.size,
    }


def _subtitle(profile: Profile) -> str:
    before = profile.before
    parts = [plural(len(profile.cases), "case"), profile.created.replace("T", " ")]
    parts += [str(before[name]) for name in ("system", "power_mode") if before.get(name)]
    return " · ".join(parts)


def _verdict(profile: Profile) -> str:
    if not profile.cautions:
        return (
            '<div class="verdict sound"><strong>Nothing speaks against these times.</strong> '
            "Clocks, power, heat, other load and scatter were watched, as far as the machine "
            "tells.</div>"
        )
    items = "".join(
        f"<li>{escape(str(caution['text']))}"
        + (f" <code>{escape(str(caution['mend']))}</code>" if caution.get("mend") else "")
        + "</li>"
        for caution in profile.cautions
    )
    count = plural(len(profile.cautions), "reason")
    return (
        f'<div class="verdict doubt"><strong>{count} to doubt these times</strong>'
        f"<ul>{items}</ul></div>"
    )


def _tiles(profile: Profile, names: Sequence[str]) -> str:
    cases = list(zip(profile.cases, names))
    fastest = min(cases, key=lambda pair: pair[0].latency.p50)
    tiles = [_tile("fastest", _ms(fastest[0].latency.p50), "ms", *_speed(*fastest))]
    rated = [pair for pair in cases if pair[0].case.psnr is not None]
    if rated:
        best = max(rated, key=lambda pair: pair[0].case.psnr or 0.0)
        tiles.append(_tile("best quality", f"{best[0].case.psnr:.2f}", "dB", *_speed(*best)))
    if profile.peak_bytes is not None:
        number, unit = bytes_text(profile.peak_bytes).split()
        tiles.append(_tile("peak memory", number, unit, "of the whole process"))
    heat = hottest(profile.after)
    if heat is not None:
        before = hottest(profile.before)
        tiles.append(_tile("temperature", f"{heat:.0f}", "°C", f"{before:.0f} °C before"))
    if profile.power_w is not None:
        energy = profile.energy_mj
        detail = "mean while frames ran" if energy is None else f"{energy:.0f} mJ a frame"
        tiles.append(_tile("power", f"{profile.power_w:.1f}", "W", detail))
    return f'<div class="tiles">{"".join(tiles)}</div>'


def _speed(measured: MeasuredCase, name: str) -> Tuple[str, str]:
    rate = 1e3 / measured.latency.mean
    return name, f"{rate:.3g} fps, {rate * measured.case.megapixels:.3g} output MP/s"


def _tile(title: str, value: str, unit: str, *details: str) -> str:
    lines = "".join(f"<span>{escape(detail)}</span>" for detail in details)
    return (
        f'<div class="tile"><span>{escape(title)}</span>'
        f"<b>{escape(value)} <small>{escape(unit)}</small></b>{lines}</div>"
    )


def _table(cases: Sequence[MeasuredCase], names: Sequence[str]) -> str:
    header = ["case", *COLUMNS[:-1], "dev", "first", "fps", "PSNR", "memory"]
    head = "".join(f"<th>{name}</th>" for name in header)
    rows = "".join(_row(measured, name) for measured, name in zip(cases, names))
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _row(measured: MeasuredCase, name: str) -> str:
    latency, case = measured.latency, measured.case
    cells = [_ms(getattr(latency, column)) for column in COLUMNS]
    cells += [_ms(measured.recording.first_ms), f"{1e3 / latency.mean:.3g}"]
    cells.append("–" if case.psnr is None else f"{case.psnr:.2f}")
    cells.append("–" if measured.peak_bytes is None else bytes_text(measured.peak_bytes))
    body = "".join(
        f'<td class="key">{text}</td>' if i == 0 else f"<td>{text}</td>"
        for i, text in enumerate(cells)
    )
    return f"<tr><td>{escape(name)}</td>{body}</tr>"


def _conditions(profile: Profile) -> str:
    lines = "".join(
        f"<dt>{escape(name)}</dt><dd>{_value(name, text)}</dd>"
        for name, text in condition_lines(profile)
    )
    return f"<dl>{lines}</dl>"


def _value(name: str, text: str) -> str:
    return f"<code>{escape(text.strip('`'))}</code>" if name == "command" else escape(text)


def _ms(value: float) -> str:
    return f"{value:.3g}" if value < 1000 else f"{value:.0f}"
