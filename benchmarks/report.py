"""The benchmark's results as tables and as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Sequence

from benchmarks.targets import Check
from benchmarks.timing import Spread, ratios


def contender_table(document: Dict[str, Any]) -> str:
    """Render who took how long, fastest first, one table per family."""
    machine = document["machine"]
    lines = [
        f"{machine['processor']}, {machine['cores']} cores, load {machine['load']:.1f}; LR "
        f"{document['lr_size']}, ×{document['scale']}, {document['threads']} threads, "
        f"{document['rounds']} rounds, median (quartiles)",
    ]
    for family in document["families"]:
        rows = {row["name"]: row for row in family["contenders"]}
        reference = rows[f"{family['name']} k=0"]
        lines += ["", f"### {family['name']}", ""]
        lines += [
            "| what | ms | processor ms | times as fast as k=0 | PSNR RGB |",
            "|" + " --- |" * 5,
        ]
        for row in sorted(rows.values(), key=lambda r: Spread.of(r["wall_ms"]).median):
            wall, cpu = Spread.of(row["wall_ms"]), Spread.of(row["cpu_ms"])
            ratio = ratios(row["cpu_ms"], reference["cpu_ms"])
            lines.append(
                f"| {row['name']} | {wall.median:.1f} ({wall.low:.1f}-{wall.high:.1f}) "
                f"| {cpu.median:.1f} ({cpu.low:.1f}-{cpu.high:.1f}) "
                f"| {ratio.median:.2f} | {row['psnr_rgb']:.2f} |"
            )
    return "\n".join(lines) + "\n"


def stage_table(document: Dict[str, Any]) -> str:
    """Render the stages of our own runs, in milliseconds summed over threads."""
    lines: List[str] = []
    for family in document["families"]:
        rows = [row for row in family["contenders"] if "stages_ms" in row]
        names = sorted({stage for row in rows for stage in row["stages_ms"]} - {"total"})
        lines += ["", f"| {family['name']} | " + " | ".join(names) + " |"]
        lines.append("|" + " --- |" * (len(names) + 1))
        for row in rows:
            values = (f"{row['stages_ms'].get(name, 0):.1f}" for name in names)
            lines.append(f"| {row['name']} | " + " | ".join(values) + " |")
    return "\n".join(lines) + "\n"


def target_table(checks: Sequence[Check]) -> str:
    """Render the targets."""
    lines = ["| target | by the clock | by processor time | holds |", "|" + " --- |" * 4]
    for check in checks:
        holds = "yes" if check.holds else "no"
        lines.append(f"| {check.target} | {check.wall} | {check.cpu} | {holds} |")
    return "\n".join(lines) + "\n"


def draw(document: Dict[str, Any], path: Path) -> None:
    """Draw time against PSNR, on a logarithmic axis, with the line of the best."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(9, 6))
    points = {}
    for family in document["families"]:
        own = []
        for row in family["contenders"]:
            point = Spread.of(row["wall_ms"]).median, row["psnr_rgb"]
            points[row["name"]] = point
            if row["name"].startswith(f"{family['name']} k="):
                own.append(point)
        axes.plot(*zip(*sorted(own)), "-", label=f"{family['name']}, by k")
    for name, point in points.items():
        axes.plot(*point, "o", color="black", markersize=4)
        axes.annotate(name, point, fontsize=6, xytext=(4, 3), textcoords="offset points")
    axes.step(*zip(*pareto(list(points.values()))), "--", where="post", label="best so far")
    axes.set_xscale("log")
    axes.set_xlabel("milliseconds")
    axes.set_ylabel("PSNR RGB, dB")
    axes.set_title(f"×{document['scale']} of {document['lr_size']}, {document['threads']} threads")
    axes.grid(visible=True, which="both", alpha=0.3)
    axes.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=150)


def pareto(points: Sequence[Sequence[float]]) -> List[Sequence[float]]:
    """Return the (time, PSNR) points that nothing faster is as good as."""
    best: List[Sequence[float]] = []
    for point in sorted(points, key=lambda p: (p[0], -p[1])):
        if not best or point[1] > best[-1][1]:
            best.append(point)
    return best
