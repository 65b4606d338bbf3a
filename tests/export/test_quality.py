"""Reports of evaluate become entries of a manifest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict

import pytest

from pcsr_edge.errors import InputError, UsageError
from pcsr_edge.export.quality import quality_from_option

ROW: Dict[str, Any] = {
    "model": "m",
    "scale": 4,
    "setting": "k=0.5",
    "mean": {"psnr_db": {"y": 30.12345, "rgb": 28.5}, "ssim": {"y": 0.87, "rgb": 0.85}},
}


def report(tmp_path: Path, **change: Any) -> str:
    path = tmp_path / "report.json"
    path.write_text(json.dumps({"protocol": ["p"], "results": [{**ROW, **change}]}))
    return f"Set5={path}"


def test_every_channel_becomes_an_entry(tmp_path: Path) -> None:
    found = quality_from_option(report(tmp_path), "m")
    assert [(q.data, q.channel, q.k, q.psnr) for q in found] == [
        ("Set5", "y", 0.5, 30.123),
        ("Set5", "rgb", 0.5, 28.5),
    ]


def test_a_model_without_k_has_none(tmp_path: Path) -> None:
    found = quality_from_option(report(tmp_path, setting="default"), "m")
    assert [q.k for q in found] == [None, None]


@pytest.mark.parametrize("change", [{"model": "other"}, {"setting": "adaptive"}])
def test_a_report_of_something_else_is_refused(tmp_path: Path, change: Any) -> None:
    with pytest.raises(InputError, match="no result"):
        quality_from_option(report(tmp_path, **change), "m")


@pytest.mark.parametrize("option", ["Set5", "=x", "Set5=", ""])
def test_other_forms_are_refused(option: str) -> None:
    with pytest.raises(UsageError, match="NAME=FILE"):
        quality_from_option(option, "m")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"protocol": 1, "results": []}'])
def test_a_file_that_is_no_report_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(InputError):
        quality_from_option(f"a={path}", "m")


def test_a_missing_report_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.json"):
        quality_from_option(f"a={tmp_path / 'gone.json'}", "m")


def test_a_forced_class_is_kept_in_place_of_k(tmp_path: Path) -> None:
    found = quality_from_option(report(tmp_path, setting="class 1"), "m")
    assert [(q.k, q.force_class) for q in found] == [(None, 1), (None, 1)]
