"""The upscaler that chooses: which rung runs, what is loaded, one way of use for all rungs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict, List, Tuple

import numpy as np
import pytest
from support.fake_costs import FakeCosts

from pcsr_edge.errors import BackendUnavailableError, EngineError, UsageError
from pcsr_edge.runtime.ladder import Choice
from pcsr_edge.runtime.ladder.auto import AutoUpscaler
from pcsr_edge.runtime.upscaler import Upscaler

IMAGE = np.random.default_rng(0).integers(0, 256, (10, 12, 3)).astype(np.uint8)
COSTS = {"tiny-pcsr-x4 k=0": 1000.0, "tiny-plain-x4": 100.0, "tiny-pcsr-x4 class 1": 10.0}
"""Per thousand LR pixels; the picture has 120."""
BUDGETS = {200: "tiny-pcsr-x4 k=0", 20: "tiny-plain-x4", 2: "tiny-pcsr-x4 class 1", 0.2: "bicubic"}


@pytest.fixture(autouse=True)
def _rungs(rate: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rate("tiny-pcsr-x4", {"k": 0.0, "psnr": 31.0}, {"force_class": 1, "psnr": 29.0})
    rate("tiny-plain-x4", {"psnr": 30.0})
    monkeypatch.setenv("PCSR_EDGE_CACHE", str(tmp_path / "cache"))


@pytest.fixture(name="loaded")
def _loaded(monkeypatch: pytest.MonkeyPatch) -> List[str]:
    """Return the names of the models that are loaded, as they are."""
    names: List[str] = []
    load = Upscaler.load.__func__  # type: ignore[attr-defined]

    def noted(cls: Any, model: Any = "", **options: Any) -> Upscaler:
        names.append(str(model))
        return load(cls, model, **options)  # type: ignore[no-any-return]

    monkeypatch.setattr(Upscaler, "load", classmethod(noted))
    return names


def auto(budget_ms: Any = None, **options: Any) -> AutoUpscaler:
    return AutoUpscaler(threads=1, budget_ms=budget_ms, costs=FakeCosts(COSTS), **options)


@pytest.mark.parametrize(("budget", "name"), BUDGETS.items(), ids=BUDGETS.values())
def test_the_rung_that_fits_runs(budget: float, name: str) -> None:
    with auto(budget) as up:
        assert up.run(IMAGE).rung == name


@pytest.mark.parametrize(("budget", "name"), BUDGETS.items(), ids=BUDGETS.values())
def test_the_result_is_that_of_the_model_by_name(budget: float, name: str) -> None:
    options: Dict[str, Any] = {"tiny-pcsr-x4 class 1": {"force_class": 1}}.get(name, {})
    with auto(budget) as up, Upscaler.load(name.split(maxsplit=1)[0], threads=1) as direct:
        chosen, expected = up.run(IMAGE), direct.run(IMAGE, scale=4, **options)
    np.testing.assert_array_equal(chosen.image, expected.image)
    np.testing.assert_array_equal(chosen.class_map, expected.class_map)
    assert expected.rung is None


@pytest.mark.parametrize("budget", BUDGETS, ids=BUDGETS.values())
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_every_rung_is_used_in_the_same_way(budget: float, dtype: Any) -> None:
    steps: List[Tuple[int, int]] = []
    image = (IMAGE / 255).astype(dtype)
    with auto(budget) as up:
        result = up.run(
            image,
            refine=False,
            size=(40, 48),
            tile=8,
            memory_limit=2**30,
            progress=lambda done, total: steps.append((done, total)),
        )
    assert (result.image.shape, result.image.dtype) == ((40, 48, 3), image.dtype)
    assert result.class_map.shape == (40, 48)
    assert sum(result.fractions) == pytest.approx(1)
    assert result.times["total"] > 0
    assert steps[-1] == (result.tiles, result.tiles)


def test_only_the_chosen_engine_is_loaded(loaded: List[str]) -> None:
    with auto(20) as up:
        up.run(IMAGE)
        up.run(IMAGE)
    assert loaded == ["tiny-plain-x4"]


def test_a_choice_alone_loads_no_other(loaded: List[str]) -> None:
    with auto(2) as up:
        choice = up.choose((10, 12))
    assert choice.rung.force_class == 1
    assert loaded == ["tiny-pcsr-x4"]


def test_each_size_has_its_choice() -> None:
    with auto(20) as up:
        small, large = up.run(IMAGE), up.run(np.tile(IMAGE, (4, 4, 1)))
        again = up.run(IMAGE)
    assert (small.rung, large.rung) == ("tiny-plain-x4", "tiny-pcsr-x4 class 1")
    assert again.rung == small.rung


def test_choices_are_told_once_a_size() -> None:
    told: List[Tuple[Tuple[int, int], Choice]] = []
    with auto(20, on_choice=lambda lr, choice: told.append((lr, choice))) as up:
        up.run(IMAGE)
        up.run(IMAGE)
    assert [(lr, choice.rung.name) for lr, choice in told] == [((10, 12), "tiny-plain-x4")]


def test_too_little_time_is_said_and_no_error() -> None:
    with auto(1e-6) as up:
        assert up.run(IMAGE).rung == "bicubic"
        assert not up.choose((10, 12)).fits


@pytest.mark.parametrize(
    "options",
    [
        {"scale": 2.5},
        {"size": (20, 48)},
        {"size": (41, 48)},
        {"size": (80, 24)},
        {"scale": 0.5},
        {"scale": 100},
    ],
)
def test_other_scales_have_bicubic(options: Dict[str, Any]) -> None:
    with auto(1e6) as up:
        assert up.run(IMAGE, **options).rung == "bicubic"
        assert up.choose((10, 12), **options).alone


def test_a_huge_scale_is_measured_at_a_smaller_one() -> None:
    with auto(1e6) as up:
        choice = up.choose((2, 3), scale=1000)
    # As many pixels of the result: 2000 times 3000.
    assert choice.rung.scale < 20
    assert choice.predicted_ms == pytest.approx(6e6 / choice.rung.scale**2 / 1000, rel=0.02)


def test_engines_that_were_only_measured_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: List[str] = []
    close = Upscaler.close

    def noted(up: Upscaler) -> None:
        closed.append(up.bundle.name)
        close(up)

    monkeypatch.setattr(Upscaler, "close", noted)
    up = AutoUpscaler(threads=1, budget_ms=1e-6)
    chosen = up.run(IMAGE).rung or ""
    others = {"tiny-pcsr-x4", "tiny-plain-x4", "bicubic"} - {chosen.split(maxsplit=1)[0]}
    assert set(closed) == others
    up.close()


def test_the_bundle_is_that_of_the_rung_that_ran() -> None:
    with auto(20) as up:
        up.run(IMAGE)
        assert up.bundle.name == "tiny-plain-x4"


@pytest.mark.parametrize("options", [{"k": 1.0}, {"adaptive": True}, {"force_class": 0}])
def test_what_the_ladder_decides_is_refused(options: Dict[str, Any]) -> None:
    with auto() as up, pytest.raises(UsageError, match="auto"):
        up.run(IMAGE, **options)


BAD: Dict[str, Dict[str, Any]] = {
    f"{name}-{value}": {name: value}
    for name in ("fps", "budget_ms")
    for value in (0, -1.0, float("nan"), float("inf"), "5", True)
}


@pytest.mark.parametrize("options", BAD.values(), ids=BAD.keys())
def test_bad_budgets_are_refused(options: Dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="above 0"):
        Upscaler.load("auto", **options)


def test_two_budgets_are_refused() -> None:
    with pytest.raises(UsageError, match="both"):
        Upscaler.load("auto", fps=1, budget_ms=1)


def test_a_budget_beside_a_model_is_refused() -> None:
    with pytest.raises(UsageError, match=r"tiny-plain-x4.*auto"):
        Upscaler.load("tiny-plain-x4", fps=5)


def test_a_device_by_name_is_never_replaced() -> None:
    with pytest.raises(BackendUnavailableError):
        Upscaler.load("auto", device="cuda", fps=1)


def test_load_measures_and_keeps_what_it_measured(tmp_path: Path) -> None:
    with Upscaler.load("auto", fps=0.001, threads=1) as up:
        assert up.run(IMAGE).rung == "tiny-pcsr-x4 k=0"
    files = [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert sorted(path.parent.name for path in files) == ["costs", "tuning"]


WITHOUT_ENGINE = """
import sys
from pathlib import Path
sys.modules["onnxruntime"] = None
import numpy as np
from pcsr_edge.errors import BackendUnavailableError
from pcsr_edge.runtime import bundle
bundle.SHIPPED_FOLDER = Path(sys.argv[1])
from pcsr_edge import Upscaler
image = np.zeros((10, 12, 3), np.uint8)
for budget in (None, 1000.0):
    with Upscaler.load("auto", budget_ms=budget) as up:
        print(up.run(image).rung, "onnxruntime" in up.choose((10, 12)).hindrance)
try:
    Upscaler.load("auto", device="cpu").run(image)
except BackendUnavailableError:
    print("refused")
"""


def test_without_any_engine_bicubic_runs(shipped: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_ENGINE, str(shipped)],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.stdout.splitlines() == ["bicubic True", "bicubic True", "refused"]


def test_half_precision_is_refused_on_the_cpu() -> None:
    with pytest.raises(UsageError, match="fp16 is for GPUs"):
        AutoUpscaler(precision="fp16")


def test_a_cancelled_one_fails_whatever_rung_runs() -> None:
    with auto(200) as up:
        up.run(IMAGE)
        up.cancel()
        with pytest.raises(EngineError, match="terminate"):
            up.run(IMAGE)
