"""How `models` shows the table of a supernet."""

from __future__ import annotations

from typing import TYPE_CHECKING, List, Optional, Tuple

from pcsr_edge.cli import tables
from pcsr_edge.errors import BundleError

if TYPE_CHECKING:
    from pcsr_edge.runtime.bundle import Bundle
    from pcsr_edge.runtime.patch_table import PatchTable


def table_of(bundle: Bundle) -> Tuple[Optional[PatchTable], Optional[str]]:
    """Return the table of a bundle that has one, and what is wrong with it otherwise."""
    from pcsr_edge.runtime.patch_table import load_table

    if not bundle.manifest.by_patch:
        return None, None
    try:
        return load_table(bundle), None
    except BundleError as exc:
        return None, str(exc)


def fields_of(table: PatchTable) -> List[Tuple[str, str]]:
    """Return the lines that say what a table is and where it comes from."""
    source = ", ".join(f"{name} {value}" for name, value in table.source.items())
    rule = "PSNR of the picture" if table.errors else "mean PSNR of patches, as in the article"
    return [
        ("table", f"{len(table.psnr)} categories, costs by {table.costs_of}, eta weighs {rule}"),
        ("made from", source),
    ]


def curve_text(table: PatchTable) -> str:
    """Write PSNR and cost over the number of categories."""
    rows = [
        (f"{point.categories}", f"{point.eta:g}", f"{point.psnr:.3f}", f"{point.cost:.3f}")
        for point in table.curve
    ]
    return tables.table(("K", "eta", "PSNR", "cost"), rows)
