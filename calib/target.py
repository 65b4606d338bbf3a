"""Where the result of a calibration may be written."""

from __future__ import annotations

from pathlib import Path

from pcsr_edge.errors import UsageError
from pcsr_edge.runtime.bundle import SHIPPED_FOLDER, Bundle


def check_not_shipped(bundle: Bundle, folder: Path) -> None:
    """Refuse to write into a bundle that comes with the package.

    Raises:
        UsageError: `folder`, where the calibrated `bundle` is to be, is one.
    """
    if SHIPPED_FOLDER in folder.absolute().parents:
        raise UsageError(
            f"model {bundle.name} comes with pcsr-edge and is left as it is; name a folder for "
            "the calibrated bundle with -o"
        )
