"""Bundles: folders with ONNX graphs and a manifest, found by name or path and checked."""

from __future__ import annotations

import difflib
import hashlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Dict, List, Union

from pcsr_edge.errors import BundleError, UnknownModelError
from pcsr_edge.runtime.manifest import GraphFile, Manifest
from pcsr_edge.runtime.manifest_reader import parse_manifest
from pcsr_edge.runtime.shared_weights import with_weights

MANIFEST_NAME = "bundle.json"
WIDEST = "subnet_0"
"""The graph of a supernet that holds the weights of all."""
SHIPPED_FOLDER = Path(__file__).parent / "bundles"


@dataclass(frozen=True)
class Bundle:
    """A checked manifest and the folder it was read from."""

    folder: Path
    manifest: Manifest

    @property
    def name(self) -> str:
        """Name of the model."""
        return self.manifest.name

    def graph(self, name: str, precision: str = "fp32") -> bytes:
        """Read one graph and check its hash; a narrow subnet gets the widest one's weights.

        Raises:
            BundleError: the precision is absent, a file is missing or not the one that
                was exported.
        """
        content = self.file(name, precision)
        if not self.manifest.by_patch or name == WIDEST:
            return content
        # Among the graphs of int8, those that stay in fp32 are what lacks weights.
        holder = "fp32" if precision == "int8" else precision
        return with_weights(content, self.file(WIDEST, holder))

    def file(self, name: str, precision: str) -> bytes:
        """Read a graph's file as it is, and check its hash; see `graph`.

        Raises:
            BundleError: as `graph`.
        """
        self.check_precision(precision)
        return _read_graph(self.folder, self.manifest.precisions[precision][name])

    def hashes(self, precision: str) -> Dict[str, str]:
        """Return SHA-256 of what `graph` returns → name, of all graphs of a precision.

        Raises:
            BundleError: as `graph`.
        """
        names = self.manifest.precisions[precision]
        return {hashlib.sha256(self.graph(name, precision)).hexdigest(): name for name in names}

    def check_precision(self, precision: str) -> None:
        """Make sure that the bundle holds a precision.

        Raises:
            BundleError: it does not.
        """
        if precision in self.manifest.precisions:
            return
        mending = f"export it with --precision {precision}"
        if precision == "int8":
            mending = "make them with `pcsr-edge calibrate int8`"
        if not self.manifest.graph_names():
            mending = f"method {self.manifest.method} knows no other"
        raise BundleError(
            f"bundle {self.folder} has no {precision} graphs, only "
            f"{', '.join(self.manifest.precisions)}; {mending}"
        )


def _read_graph(folder: Path, graph: GraphFile) -> bytes:
    relative = PurePosixPath(graph.file)
    if relative.is_absolute() or ".." in relative.parts:
        raise BundleError(f"bundle {folder} names the graph {graph.file!r}, which lies outside it")
    path = folder / relative
    try:
        content = path.read_bytes()
    except OSError as exc:
        raise BundleError(
            f"bundle {folder} lacks the graph {graph.file} ({exc.strerror}); "
            "copy or export it again"
        ) from exc
    found = hashlib.sha256(content).hexdigest()
    if found != graph.sha256:
        raise BundleError(
            f"graph {path} is not the one that was exported (SHA-256 {found[:12]}…, expected "
            f"{graph.sha256[:12]}…); copy or export the bundle again"
        )
    return content


def shipped_bundles() -> Dict[str, Path]:
    """Return name → folder of the bundles that come with the package."""
    folders: List[Path] = sorted(p.parent for p in SHIPPED_FOLDER.glob(f"*/{MANIFEST_NAME}"))
    return {folder.name: folder for folder in folders}


def load_bundle(name_or_path: Union[str, Path]) -> Bundle:
    """Find a bundle by the name of a shipped one, or by the path of any folder.

    Only the manifest is read; graphs are read and their hashes checked when engines are made.

    Raises:
        UnknownModelError: neither a shipped name nor an existing folder.
        BundleError: the folder holds no valid manifest.
    """
    text = str(name_or_path)
    shipped = shipped_bundles()
    if text in shipped:
        return _load_folder(shipped[text])
    folder = Path(text)
    if folder.is_dir():
        return _load_folder(folder)
    if folder.exists():
        raise BundleError(
            f"{folder} is a file, expected a bundle's folder (it holds {MANIFEST_NAME})"
        )
    near = difflib.get_close_matches(text, shipped, n=2, cutoff=0.5)
    hint = (
        f"did you mean {' or '.join(near)}?"
        if near
        else f"known are {', '.join(shipped) or 'none'}"
    )
    raise UnknownModelError(
        f"no model {text!r}: it is neither a shipped one nor a bundle's folder; {hint}"
    )


def _load_folder(folder: Path) -> Bundle:
    path = folder / MANIFEST_NAME
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as exc:
        raise BundleError(f"{folder} is no bundle: it holds no {MANIFEST_NAME}") from exc
    except (OSError, UnicodeDecodeError) as exc:
        raise BundleError(
            f"{path} cannot be read ({exc}); copy or export the bundle again"
        ) from exc
    return Bundle(folder, parse_manifest(text, str(path)))
