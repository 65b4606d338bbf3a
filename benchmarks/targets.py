"""The targets of the CPU runtime, held against what was measured."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, NamedTuple

from benchmarks.timing import ratios

NAIVE = {"fsrcnn": 8.0, "carn": 4.5}
"""Backbone → times as fast as naive PyTorch, k = 0."""
BASELINE = {"fsrcnn": ("k=0", 1.0), "carn": ("k=1", 2.0)}
"""Backbone → setting, and times as fast as the plain network."""
LOSS = 0.08
"""dB that CARN may lose against its plain network."""
PROMISE = 0.85
MOVING = {"fsrcnn": 0.25, "carn": 0.15}
THREADS = 1.8
HEAVY_PEAK = 0.40
BACKBONE_PEAK = 0.35
MEMORY = 1.5 * 2**30
GROWTH = 0.15
UPSCALE, IMPORT = 1.5, 0.15


class Check(NamedTuple):
    """One line of the table."""

    target: str
    wall: str
    """Measured by the clock."""
    cpu: str
    """Measured by processor time, which other work on the machine disturbs less; may be empty."""
    holds: bool
    """By the clock, where both were measured."""


def checks(families: List[Dict[str, Any]], process: Dict[str, Any]) -> List[Check]:
    """Hold everything against its target.

    Args:
        families: what `bench.measure_family` gives.
        process: `growth` and `start_up` of `machine`.
    """
    lines = [line for family in families for line in _family(family)]
    return [*lines, *_process(process)]


def _family(family: Dict[str, Any]) -> Iterator[Check]:
    name, backbone = family["name"], family["backbone"]
    rows = {row["name"]: row for row in family["contenders"]}
    yield _faster(rows, f"{name} naive PyTorch k=0", f"{name} k=0", NAIVE[backbone])
    setting, factor = BASELINE[backbone]
    plain = f"{backbone}-x4 (ONNX Runtime)"
    if plain in rows:
        yield _faster(rows, plain, f"{name} {setting}", factor)
        loss = rows[plain]["psnr_rgb"] - rows[f"{name} {setting}"]["psnr_rgb"]
        if backbone == "carn":
            yield Check(
                f"{name} {setting}: at most {LOSS} dB lost", f"{loss:.3f}", "", loss <= LOSS
            )
    kept = family["kept_promise"]
    yield Check(
        f"{name}: saved time ≥ {PROMISE:.0%} of what saved FLOPs promise",
        f"{kept['wall']:.0%}",
        f"{kept['cpu']:.0%}",
        kept["wall"] >= PROMISE,
    )
    share, most = family["moving_share"], MOVING[backbone]
    target = f"{name}: classifying and moving < {most:.0%} of the frame"
    yield Check(target, "", f"{share:.0%}", share < most)
    two = family["two_threads"]
    yield Check(f"{name}: two threads ≥ {THREADS}× one", f"{two:.2f}", "", two >= THREADS)
    parts = {"heavy upsampler": HEAVY_PEAK}
    if backbone == "carn":
        parts["backbone"] = BACKBONE_PEAK
    for part, least in parts.items():
        reached = family["gflops"][part] / family["peak_gflops"]
        target = f"{name}: {part} ≥ {least:.0%} of the matrix product's peak"
        yield Check(target, "", f"{reached:.0%}", reached >= least)


def _faster(rows: Dict[str, Any], slow: str, fast: str, factor: float) -> Check:
    wall = ratios(rows[fast]["wall_ms"], rows[slow]["wall_ms"]).median
    cpu = ratios(rows[fast]["cpu_ms"], rows[slow]["cpu_ms"]).median
    target = f"{fast} ≥ {factor:g}× as fast as {slow}"
    return Check(target, f"{wall:.2f}", f"{cpu:.2f}", wall >= factor)


def _process(process: Dict[str, Any]) -> Iterator[Check]:
    peak = process["growth"]["peak_bytes"]
    target = "1920×1080 to 7680×4320 under 1.5 GiB"
    yield Check(target, f"{peak / 2**30:.2f} GiB", "", peak < MEMORY)
    costs = process["growth"]["ns_per_pixel"]
    spread = max(costs) / min(costs) - 1
    target = f"time per pixel from 0.1 to 33 megapixels within {GROWTH:.0%}"
    yield Check(target, "", f"{spread:.0%}", spread <= GROWTH)
    for name, most in (("upscale", UPSCALE), ("import", IMPORT)):
        seconds = process["start_up"][name]
        what = "pcsr-edge upscale of 64×64" if name == "upscale" else "import pcsr_edge"
        yield Check(f"{what} under {most:g} s", f"{seconds:.2f} s", "", seconds < most)
