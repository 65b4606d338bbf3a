"""`pcsr-edge models`: the bundles that come along, and all that is known of one."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Tuple

from pcsr_edge.cli import ladder, options, patch_table_view, published, reports, tables
from pcsr_edge.cli.console import Console
from pcsr_edge.cli.model_page import data_text, description, scale_text, size_on_disk
from pcsr_edge.errors import BundleError
from pcsr_edge.streams import write_result

if TYPE_CHECKING:
    from pcsr_edge.runtime.bundle import Bundle
    from pcsr_edge.runtime.manifest import Manifest


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `models`."""
    options.set_help(
        parser,
        "List the models that come along, or show all that is known of one.",
        "pcsr-edge models",
        f"pcsr-edge models {options.DEFAULT_MODEL}",
        "pcsr-edge models --ladder -s 4 --size 480x270",
        "pcsr-edge models --published --device rpi400 -s 2 --min-fps 5",
        "pcsr-edge models --published -s 4 --plot speed.png",
    )
    parser.add_argument("name", nargs="?", metavar="NAME", help="a model, or a bundle's folder")
    ladder.add_arguments(parser)
    published.add_arguments(parser)
    options.add_json(parser)
    options.add_messages(parser)


def run(args: argparse.Namespace) -> int:
    """List the models, describe one, or show the ladder or the published measurements."""
    ladder.check_arguments(args)
    if args.ladder:
        return ladder.run(args)
    published.check_arguments(args)
    if args.published:
        return published.run(args)
    return _describe(args) if args.name else _list(args)


def _list(args: argparse.Namespace) -> int:
    from pcsr_edge.runtime.bundle import load_bundle, shipped_bundles

    bundles: List[Bundle] = []
    code = 0
    for name in shipped_bundles():
        try:
            bundles.append(load_bundle(name))
        except BundleError as exc:
            Console.of(args).failure(exc)
            code = exc.exit_code
    if args.json:
        write_result(reports.document("models", {"models": [_entry(bundle) for bundle in bundles]}))
    elif bundles:
        write_result(_table(bundles))
        write_result("\nuse one: pcsr-edge upscale IN OUT -n NAME; details: pcsr-edge models NAME")
    else:
        write_result("no models come with this installation; give a bundle's folder with -m")
    return code


def _describe(args: argparse.Namespace) -> int:
    from pcsr_edge.runtime.bundle import load_bundle

    bundle = load_bundle(args.name)
    damage = _damage(bundle)
    if args.json:
        table, lack = patch_table_view.table_of(bundle)
        entry = {
            **_entry(bundle),
            **_details(bundle.manifest),
            "table": None if table is None else table.to_dict(),
            "table_lacks": lack,
            "damage": damage,
        }
        write_result(reports.document("models", {"models": [entry]}))
    else:
        write_result(description(bundle, damage))
    for message in damage:
        Console.of(args).error(message)
    return 1 if damage else 0


def _damage(bundle: Bundle) -> List[str]:
    """Return what is wrong with the graphs: a missing file or another content."""
    messages: List[str] = []
    for precision, graphs in bundle.manifest.precisions.items():
        for name in graphs:
            try:
                bundle.graph(name, precision)
            except BundleError as exc:
                messages.append(str(exc))
    return messages


def _entry(bundle: Bundle) -> Dict[str, Any]:
    manifest = bundle.manifest
    return {
        "name": manifest.name,
        "method": manifest.method,
        "scale": manifest.scale,
        "channels": manifest.channels,
        "classes": len(manifest.classes),
        "precisions": list(manifest.precisions),
        "default_k": _default_k(manifest),
        "default_eta": manifest.default_eta if manifest.by_patch else None,
        "size_bytes": size_on_disk(bundle),
        "folder": bundle.folder,
        "quality": [quality.to_dict() for quality in manifest.quality],
    }


def _default_k(manifest: Manifest) -> Optional[float]:
    by_k = manifest.has_classes and not manifest.by_patch
    return manifest.default_k if by_k else None


def _details(manifest: Manifest) -> Dict[str, Any]:
    return {
        "receptive_field": manifest.receptive_field,
        "backbone_flops_per_cell": manifest.backbone_flops_per_cell,
        "classifier_flops_per_query": manifest.classifier_flops_per_query,
        "class_flops_per_query": [cost.flops_per_query for cost in manifest.classes],
        "graphs": {
            precision: {name: dict(vars(graph)) for name, graph in graphs.items()}
            for precision, graphs in manifest.precisions.items()
        },
        "provenance": manifest.provenance,
    }


def _best_known(manifest: Manifest) -> str:
    """Write the quality at the default k, or the first that was measured."""
    default = (_default_k(manifest), manifest.default_eta if manifest.by_patch else None)
    measured = sorted(manifest.quality, key=lambda quality: (quality.k, quality.eta) != default)
    if not measured:
        return "-"
    scale = f" x{measured[0].scale}" if manifest.scale == "any" else ""
    return f"{data_text(measured[0])}{scale} {measured[0].psnr:.2f} dB"


def _table(bundles: List[Bundle]) -> str:
    rows = [
        (
            bundle.name,
            bundle.manifest.method,
            scale_text(bundle.manifest),
            *_class_cells(bundle.manifest),
            tables.bytes_text(size_on_disk(bundle)),
            _best_known(bundle.manifest),
        )
        for bundle in bundles
    ]
    return tables.table(("model", "method", "scale", "classes", "k", "size", "PSNR"), rows, left=2)


def _class_cells(manifest: Manifest) -> Tuple[str, str]:
    if not manifest.has_classes:
        return "-", "-"
    if manifest.by_patch:
        return str(len(manifest.classes)), "-"
    return str(len(manifest.classes)), f"{manifest.default_k:g}"
