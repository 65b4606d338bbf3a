"""Where the packages of a board come from: pinned versions, or the script that sets it up.

On a board a newer NumPy breaks TensorRT 8.5, a newer ONNX Runtime has no wheel or does not start,
and what pip writes over the system's packages breaks more than this one. So nothing but the pinned
versions is named, and nothing is ever installed into the system's Python.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import NamedTuple, Optional, Tuple

import pcsr_edge.jetson
from pcsr_edge.installation import checkout, source
from pcsr_edge.jetson.board import JETSON, RASPBERRY_PI, Board

JETPACK_OF_PYTHON = {(3, 8): "5", (3, 10): "6", (3, 12): "7"}
"""In containers the file that tells the release may be missing; each JetPack has its Python."""
PI_RELEASES = ("bookworm", "trixie")
SYSTEM = "/usr"
"""Prefix of the Python that belongs to the system."""
_PIP_INSTALL = re.compile(r"\bpip install ")


class Supply(NamedTuple):
    """What a board is set up with: names of files of `jetson/`."""

    script: str
    pins: str
    opencv: str = "python3-opencv"
    """The system's package that speaks GStreamer."""
    cupy: Optional[str] = None
    """The build of CuPy for the board's CUDA; None where there is no GPU of NVIDIA's."""

    def fit(self, command: str, prefix: str) -> str:
        """Return a command with the board's versions in place of the newest ones.

        Args:
            command: as it would be elsewhere; without `pip install` it stays as it is.
            prefix: `sys.prefix` of the Python that runs. For the system's the script takes the
                place of the command: it makes an environment that sees the system's packages.
        """
        if not _PIP_INSTALL.search(command):
            return command
        if prefix == SYSTEM:
            option = "" if checkout() is not None else f" --source {shlex.quote(source())}"
            return f"bash {_file('setup', self.script)}{option}"
        pins = _file("pins", self.pins)
        return _PIP_INSTALL.sub(lambda _: f"pip install -c {pins} ", command)


JETPACKS = {
    "5": Supply("jetpack5.sh", "jetpack-5.txt", "libopencv-python", "cupy-cuda11x"),
    "6": Supply("jetpack6-7.sh", "jetpack-6.txt", cupy="cupy-cuda12x"),
    "7": Supply("jetpack6-7.sh", "jetpack-7.txt", cupy="cupy-cuda13x"),
}


def supply_of(board: Board, python: Tuple[int, ...]) -> Optional[Supply]:
    """Return what the board is set up with; None where nothing was pinned for it.

    Args:
        board: what `read_board` says.
        python: version of the Python that runs, e.g. (3, 8, 10).
    """
    if board.kind == JETSON:
        told = (board.jetpack or "").partition(".")[0]
        return JETPACKS.get(told or JETPACK_OF_PYTHON.get((python[0], python[1]), ""))
    if board.kind == RASPBERRY_PI:
        for release in PI_RELEASES:
            if release in (board.system or ""):
                return Supply("raspberry-pi.sh", f"raspberry-pi-{release}.txt")
    return None


def _file(folder: str, name: str) -> str:
    path = Path(pcsr_edge.jetson.__file__).resolve().parent / folder / name
    here = Path.cwd()
    return shlex.quote(str(path.relative_to(here) if here in path.parents else path))
