"""The benchmark of GPUs held against its aims, and as tables."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List

from benchmarks.targets import Check
from benchmarks.timing import Spread, ratios

NAIVE = 8.0
"""Times as fast as naive PyTorch on the same GPU: the aim."""


def checks(families: List[Dict[str, Any]], size: str) -> List[Check]:
    """Hold what was measured at one size against the aims."""
    return [check for family in families for check in _checks(family, size)]


def _checks(family: Dict[str, Any], size: str) -> Iterator[Check]:
    rows = {row["name"]: row for row in family["contenders"] if "error" not in row}
    peers = {name: row for name, row in rows.items() if not name.startswith(family["name"])}
    own = {name: row for name, row in rows.items() if "cpu_worst_step" in row}
    for name, row in own.items():
        for other, slow in rows.items():
            if "naive PyTorch" in other:
                yield _faster(f"{size}: {name}", row, other, slow, NAIVE)
        for other, slow in peers.items():
            # In the same engine and precision; a worse picture may come faster, which says nothing.
            if other.split(" on ")[1] == name.split(" on ")[1]:
                yield _faster(f"{size}: {name}", row, other, slow, 1.0)


def _faster(
    name: str, row: Dict[str, Any], other: str, slow: Dict[str, Any], factor: float
) -> Check:
    wall = ratios(row["wall_ms"], slow["wall_ms"]).median
    better = row["psnr_rgb"] - slow["psnr_rgb"]
    target = f"{name} ≥ {factor:g}× as fast as {other} ({better:+.2f} dB)"
    return Check(target, f"{wall:.2f}", "", wall >= factor)


def report(documents: List[Dict[str, Any]]) -> str:
    """Render all documents as tables, fastest first."""
    lines = []
    for document in documents:
        head = f"{document['machine']['gpu']}; LR {document['lr_size']}, ×{document['scale']}"
        lines += ["", f"### {head}, {document['rounds']} rounds", ""]
        lines += ["| what | ms, median (quartiles) | PSNR RGB | worst step from CPU |"]
        lines += ["|" + " --- |" * 4]
        rows = [row for family in document["families"] for row in family["contenders"]]
        timed = [row for row in rows if "error" not in row]
        for row in sorted(timed, key=lambda r: Spread.of(r["wall_ms"]).median):
            wall = Spread.of(row["wall_ms"])
            lines.append(
                f"| {row['name']} | {wall.median:.2f} ({wall.low:.2f}-{wall.high:.2f}) "
                f"| {row['psnr_rgb']:.2f} | {row.get('cpu_worst_step', '')} |"
            )
        lines += [f"| {row['name']} | {row['error']} | | |" for row in rows if "error" in row]
        lines += ["", "| target | by the clock | holds |", "|" + " --- |" * 3]
        for check in document["targets"]:
            holds = "yes" if check["holds"] else "no"
            lines.append(f"| {check['target']} | {check['wall']} | {holds} |")
    return "\n".join(lines) + "\n"
