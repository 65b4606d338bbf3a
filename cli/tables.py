"""Plain text tables and the way numbers are written for people."""

from __future__ import annotations

from typing import List, Sequence


def table(header: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> str:
    """Return aligned columns under a ruled header; the first `left` columns align left."""
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]

    def line(row: Sequence[str]) -> str:
        cells = [
            cell.ljust(width) if i < left else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths))
        ]
        return "  ".join(cells).rstrip()

    rule = "  ".join("-" * width for width in widths)
    return "\n".join([line(header), rule, *(line(row) for row in rows)])


def fields(pairs: Sequence[Sequence[str]]) -> str:
    """Return `name  value` lines with the values aligned."""
    width = max(len(name) for name, _ in pairs)
    return "\n".join(f"{name:<{width}}  {value}".rstrip() for name, value in pairs)


def bytes_text(count: float) -> str:
    """Write an amount of memory, e.g. `1.5 GiB`."""
    unit = "B"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if count < 1024:
            break
        count, unit = count / 1024, larger
    return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"


def ms_text(ms: float) -> str:
    """Write the time of a frame, e.g. `8.3 ms` or `350 ms`; seconds are not rounded away."""
    return f"{ms:.1f} ms" if ms < 9.95 else f"{ms:,.0f} ms"


def seconds_text(seconds: float) -> str:
    """Write a duration, e.g. `350 ms`, `4.2 s` or `3 min 20 s`."""
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"


def fractions_text(fractions: Sequence[float]) -> str:
    """Write class fractions, e.g. `43% heavy, 57% light`."""
    if len(fractions) == 1:
        return "one class"
    names: List[str] = [f"class {j}" for j in range(len(fractions))]
    names[0], names[-1] = "heavy", "light"
    return ", ".join(f"{100 * part:.0f}% {name}" for part, name in zip(fractions, names))


def plural(count: int, noun: str) -> str:
    """Write a count with its noun, e.g. `1 picture`, `3 pictures`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"
