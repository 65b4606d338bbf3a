"""Profiles that are read: good ones, and every way to be none."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any, Dict

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.fake_profile import measured, profile

from pcsr_edge.calib.profiling import read_profile, to_json
from pcsr_edge.errors import ProfileError


@pytest.fixture
def document() -> Dict[str, Any]:
    """Return a good document."""
    found: Dict[str, Any] = json.loads(to_json(profile().as_dict()))
    return found


def write(folder: Path, content: Any) -> Path:
    """Write a document."""
    path = folder / "profile.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    cautions = ({"name": "clocks", "text": "clocks are not pinned"},)
    document = profile(measured([10.0, 12.0], threads=2), cautions=cautions).as_dict()
    path.write_text(to_json(document), encoding="utf-8")
    found = read_profile(path)
    (case,) = found.cases.values()
    assert case.frames_ms == (10.0, 12.0)
    assert case.name == "net k=0, 480x270, fp32, onnxruntime-cpu, threads 2"
    assert case.stages_ms["backbone"] == 5.5
    assert found.machine == {"device": "Jetson-AGX", "power_mode": "MAXN"}
    assert found.cautions == ("clocks are not pinned",)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match=r"none\.json cannot be read: No such file"):
        read_profile(tmp_path / "none.json")


@pytest.mark.parametrize("text", ["", "{", "I am text", '"\ud800"', "[" * 100_000])
def test_no_json(tmp_path: Path, text: str) -> None:
    path = tmp_path / "p.json"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(ProfileError, match=r"p\.json (holds no JSON|is no profile)"):
        read_profile(path)


@pytest.mark.parametrize("content", [[], None, 5, {}, {"command": "upscale", "schema_version": 1}])
def test_other_json(tmp_path: Path, content: Any) -> None:
    with pytest.raises(ProfileError, match="is no profile; expected what pcsr-edge profile"):
        read_profile(write(tmp_path, content))


@pytest.mark.parametrize("version", [0, 2, "1", None])
def test_another_schema(tmp_path: Path, document: Dict[str, Any], version: Any) -> None:
    document["schema_version"] = version
    with pytest.raises(ProfileError, match=f"schema {version!r}, expected 1"):
        read_profile(write(tmp_path, document))


BROKEN: Dict[str, Dict[str, Any]] = {
    "no-frames": {"frames": []},
    "frames-null": {"frames": None},
    "frame-zero": {"frames": [[0.0, 0.0]]},
    "frame-text": {"frames": [[0.0, "x"]]},
    "frame-short": {"frames": [[0.0]]},
    "size-text": {"size": "480x270"},
    "size-short": {"size": [1]},
    "size-infinite": {"size": [float("inf"), 1]},
    "stages-list": {"stages_ms": [1]},
    "stage-null": {"stages_ms": {"backbone": None}},
    "model-list": {"model": ["a"]},
}


@pytest.mark.parametrize("change", BROKEN.values(), ids=BROKEN.keys())
def test_a_damaged_case(tmp_path: Path, document: Dict[str, Any], change: Dict[str, Any]) -> None:
    document["cases"][0].update(change)
    with pytest.raises(ProfileError, match=r"profile\.json is damaged"):
        read_profile(write(tmp_path, document))


@pytest.mark.parametrize("name", ["cases", "conditions", "software", "created", "cautions"])
def test_a_missing_field(tmp_path: Path, document: Dict[str, Any], name: str) -> None:
    del document[name]
    with pytest.raises(ProfileError, match=f"is damaged: .*{name}"):
        read_profile(write(tmp_path, document))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
FIELDS = ["cases", "conditions", "software", "cautions", "created"]


@given(field=st.sampled_from(FIELDS), value=JSON)
def test_whatever_a_field_holds_the_error_is_ours(tmp_path: Path, field: str, value: Any) -> None:
    document = json.loads(to_json(profile().as_dict()))
    document[field] = value
    # Any other error fails the test.
    with suppress(ProfileError):
        assert read_profile(write(tmp_path, document)).cases


def test_the_same_on_two_devices_is_two_cases(tmp_path: Path) -> None:
    cases = [measured([10.0], device=device) for device in ("cuda:0", "cuda:1")]
    (tmp_path / "p").write_text(to_json(profile(*cases).as_dict()), encoding="utf-8")
    first, second = read_profile(tmp_path / "p").cases.values()
    assert second.name == f"{first.name}, cuda:1"
