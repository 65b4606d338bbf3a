"""All that is known of one model, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, List, Tuple

from pcsr_edge.cli import patch_table_view, tables
from pcsr_edge.cli.model_settings import setting_text

if TYPE_CHECKING:
    from pcsr_edge.runtime.bundle import Bundle
    from pcsr_edge.runtime.manifest import Manifest, Quality


def size_on_disk(bundle: Bundle) -> int:
    """Return the bytes of all files in the bundle's folder."""
    return sum(path.stat().st_size for path in bundle.folder.rglob("*") if path.is_file())


def scale_text(manifest: Manifest) -> str:
    """Write the magnification a model was trained for, e.g. `x4`."""
    return "any" if manifest.scale == "any" else f"x{manifest.scale}"


def data_text(quality: Quality) -> str:
    """Write what a quality was measured on, and of which channel."""
    return f"{quality.data} {'Y' if quality.channel == 'y' else quality.channel.upper()}"


def description(bundle: Bundle, damage: List[str]) -> str:
    """Write a page on a bundle.

    Args:
        bundle: of any method.
        damage: what is wrong with its graphs, if anything.
    """
    manifest = bundle.manifest
    pairs: List[Tuple[str, str]] = [
        ("model", manifest.name),
        ("folder", str(bundle.folder)),
        ("method", _method_text(manifest)),
        ("scale", scale_text(manifest)),
        ("receptive field", f"{manifest.receptive_field} LR pixels around each"),
        ("size", tables.bytes_text(size_on_disk(bundle))),
        ("precisions", ", ".join(manifest.precisions)),
        ("graphs", _graphs_text(manifest, damage)),
    ]
    if manifest.by_patch:
        patches = f"{manifest.patch} LR pixels, every {manifest.step}"
        pairs[4:4] = [
            ("patches", f"{patches}, averaged by {manifest.blend}"),
            ("default eta", f"{manifest.default_eta:g}"),
        ]
    elif manifest.has_classes:
        pairs.insert(4, ("default k", f"{manifest.default_k:g}"))
    pairs.extend((name, _provenance_text(value)) for name, value in manifest.provenance.items())
    table, lack = patch_table_view.table_of(bundle)
    pairs.extend(patch_table_view.fields_of(table) if table else [])
    pairs.extend([("table", lack)] if lack else [])
    parts = [tables.fields(pairs)]
    if manifest.graph_names():
        parts.append(_flops_table(manifest))
    if table is not None and table.curve:
        parts.append(patch_table_view.curve_text(table))
    if manifest.quality:
        parts.append(_quality_table(manifest))
    return "\n\n".join(parts)


def _provenance_text(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_provenance_text(item)}" for name, item in value.items())
    if isinstance(value, list):
        return ", ".join(_provenance_text(item) for item in value)
    return str(value)


def _method_text(manifest: Manifest) -> str:
    if not manifest.has_classes:
        return f"{manifest.method}, {manifest.channels}"
    return f"{manifest.method}, {len(manifest.classes)} classes, {manifest.channels}"


def _graphs_text(manifest: Manifest, damage: List[str]) -> str:
    if not manifest.graph_names():
        return "none needed"
    return "damaged, see below" if damage else "all hashes right"


def _flops_table(manifest: Manifest) -> str:
    if not manifest.has_classes:
        rows = [("network", f"{manifest.backbone_flops_per_cell:,}", "LR pixel")]
        return tables.table(("part", "FLOPs", "per"), rows)
    if manifest.by_patch:
        subnets = enumerate(manifest.classes[:-1])
        rows = [(f"subnet {j}", f"{cost.flops_per_query:,}", "SR pixel") for j, cost in subnets]
        rows.append(("interpolation", "not counted", "SR pixel"))
        return tables.table(("part", "FLOPs", "per"), rows)
    whole, part = ("trunk", "class") if manifest.method == "cascade" else ("backbone", "upsampler")
    rows = [(whole, f"{manifest.backbone_flops_per_cell:,}", "LR pixel")]
    if manifest.classifier_flops_per_query:
        rows.append(("classifier", f"{manifest.classifier_flops_per_query:,}", "SR pixel"))
    for j, cost in enumerate(manifest.classes):
        rows.append((f"{part} {j}", f"{cost.flops_per_query:,}", "SR pixel"))
    return tables.table(("part", "FLOPs", "per"), rows)


def _quality_table(manifest: Manifest) -> str:
    rows = [
        (data_text(q), f"x{q.scale}", _setting_text(q), f"{q.psnr:.2f}", f"{q.ssim:.4f}")
        for q in manifest.quality
    ]
    text = tables.table(("data", "scale", "setting", "PSNR", "SSIM"), rows)
    protocols = sorted({quality.protocol for quality in manifest.quality})
    return "\n".join([text, *(f"protocol: {protocol}" for protocol in protocols)])


def _setting_text(quality: Quality) -> str:
    return setting_text(vars(quality)) or "-"
