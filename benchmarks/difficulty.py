"""How good supernets are on easy and on hard patches, apart: what WBSR's ablation is judged by.

    python -m benchmarks.difficulty --hr kodak/ BUNDLE...

Patches are ordered by mean Sobel magnitude (wbsr) or edge score (arm), so only bundles of one
method have the same quarters; the first quarter is easy, the last hard.
"""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from pcsr_edge.calib.patch_samples import load_subnets, sample_patches
from pcsr_edge.runtime.bundle import load_bundle

SHARE = 0.25
"""Of all patches, at either end."""


def row(folder: Path, images: Path) -> str:
    """Return a line of the table: PSNR (RGB) of each subnet on easy, hard and all patches."""
    bundle = load_bundle(folder)
    with ExitStack() as stack:
        samples = sample_patches(bundle, load_subnets(bundle, stack, "cpu"), images, lambda: None)
    order = np.argsort(samples.scores[:, 0])
    count = round(SHARE * len(order))
    groups = {"easy": order[:count], "hard": order[-count:], "all": order}
    cells = [
        f"{name} " + " ".join(f"{value:.3f}" for value in samples.psnr[members].mean(axis=0))
        for name, members in groups.items()
    ]
    return f"{bundle.name}: " + "; ".join(cells)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hr", required=True, type=Path, help="folder of pictures")
    parser.add_argument("bundles", nargs="+", type=Path)
    args = parser.parse_args()
    for folder in args.bundles:
        print(row(folder, args.hr))


if __name__ == "__main__":
    main()
