"""Versions that work alone and not together."""

from __future__ import annotations

from typing import Iterator, Mapping, NamedTuple, Optional, Tuple

from pcsr_edge.cli.health.finding import OK, PROBLEM, WARNING, Finding, version_numbers

OPENCV_NAMES = (
    "opencv-python",
    "opencv-python-headless",
    "opencv-contrib-python",
    "opencv-contrib-python-headless",
)
CUPY_NAMES = ("cupy", "cupy-cuda11x", "cupy-cuda12x", "cupy-cuda13x")
NUMPY_2 = (2,)
NUMPY_WITHOUT_BOOL = (1, 24)
"""The first without `numpy.bool`, until 2.0 brought the name back."""

Versions = Mapping[str, Optional[str]]


class _Bad(NamedTuple):
    level: str
    text: str
    mend: str


def check_combinations(
    versions: Versions, onnxruntimes: Tuple[str, ...], *, board: bool, cupy: Optional[str] = None
) -> Finding:
    """Look for packages that break each other.

    Args:
        versions: distribution name → version or None.
        onnxruntimes: those of the names that are ONNX Runtime.
        board: whether the OpenCV of the system is the one to keep.
        cupy: the build of CuPy for the board's CUDA, None where none is known.
    """
    bad = [*_bad_numpy(versions, onnxruntimes), *_overwritten(versions, board, cupy)]
    if not bad:
        return Finding("versions", OK, "none of those installed are known to break each other")
    level = PROBLEM if any(found.level == PROBLEM for found in bad) else WARNING
    text = "; ".join(found.text for found in bad)
    return Finding("versions", level, text, " && ".join(found.mend for found in bad))


def _bad_numpy(versions: Versions, onnxruntimes: Tuple[str, ...]) -> Iterator[_Bad]:
    numpy = _numbers(versions, "numpy")
    for name in onnxruntimes:
        # Wheels for NumPy 2 begin with 1.19; older ones stop while they are imported.
        if numpy >= NUMPY_2 and () < _numbers(versions, name) < (1, 19):
            text = f"{name} {versions[name]} was built for NumPy 1, and NumPy {versions['numpy']}"
            yield _Bad(PROBLEM, f"{text} is installed", "pip install 'numpy<2'")
    if NUMPY_WITHOUT_BOOL <= numpy < NUMPY_2 and () < _numbers(versions, "tensorrt") < (8, 6):
        text = f"TensorRT {versions['tensorrt']} asks for numpy.bool, which NumPy"
        yield _Bad(WARNING, f"{text} {versions['numpy']} has not", "pip install 'numpy<1.24'")


def _overwritten(versions: Versions, board: bool, cupy: Optional[str]) -> Iterator[_Bad]:
    for names, purpose in ((OPENCV_NAMES, "opencv-python"), (CUPY_NAMES, cupy or "cupy-cuda12x")):
        several = [name for name in names if versions.get(name) is not None]
        if len(several) > 1:
            keep = purpose if purpose in several or purpose == cupy else several[0]
            mend = f"pip uninstall -y {' '.join(several)}"
            mend += "" if board and names == OPENCV_NAMES else f" && pip install {keep}"
            text = f"{' and '.join(several)} overwrite each other's files"
            yield _Bad(WARNING, text, mend)


def _numbers(versions: Versions, name: str) -> Tuple[int, ...]:
    return version_numbers(versions.get(name) or "")
