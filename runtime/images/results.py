"""Results of earlier runs, known by their names."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Iterable, Set

# What `upscale` puts between name and suffix: a scale as `:g` writes it, a size, or what class
# maps are called.
_RESULT = re.compile(r"(.+)_(?:x\d+(?:\.\d+)?(?:e[+-]\d+)?|\d+x\d+|classes)", re.DOTALL)


def earlier_results(paths: Iterable[Path]) -> Set[Path]:
    """Return those of the files that are results of others among them.

    `a_x4.png`, `a_640x480.webp` and `a_jpg_x4.png` (where a.png and a.jpg would have met in one
    name) are results of an `a.jpg` in the same folder, and `a_x4_classes.png` goes with
    `a_x4.png`. Without such an `a.jpg` they are pictures like any other.
    """
    folders = {path: os.path.abspath(path.parent) for path in paths}
    origins = {(folder, path.stem) for path, folder in folders.items()}
    origins |= {(folder, f"{path.stem}_{path.suffix[1:]}") for path, folder in folders.items()}
    results: Set[Path] = set()
    for path, folder in folders.items():
        match = _RESULT.fullmatch(path.stem)
        if match is not None and (folder, match[1]) in origins:
            results.add(path)
    return results
